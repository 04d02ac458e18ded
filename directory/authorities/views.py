"""« Annuaire > Administration > Autorités »: who delivers files to the directory."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from directory.authorities.counts import counts_of_authorities
from directory.authorities.forms import AuthorityForm
from directory.authorities.services import save_authority
from directory.models.schools import Authority
from directory.rights.actors import Actor, require
from directory.rights.acts import Act
from ent.audit.origin import Origin
from ent.web.acts import asks_for_recent_proof


def _administrator(request: HttpRequest) -> Actor:
    """The whole portal only: an authority's own administrator may not add another one."""
    actor = require(request, Act.PORTAL_SETTINGS)
    if not actor.has_whole_portal(Act.PORTAL_SETTINGS):
        raise PermissionDenied("authorities belong to the whole portal")
    return actor


@require_GET
def authorities(request: HttpRequest) -> HttpResponse:
    """List the authorities with their figures."""
    _administrator(request)
    return render(request, "directory/authorities.html", {"rows": counts_of_authorities()})


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def edit(request: HttpRequest, authority: uuid.UUID | None = None) -> HttpResponse:
    """Create an authority, or correct one."""
    actor = _administrator(request)
    known = get_object_or_404(Authority, uuid=authority) if authority is not None else None
    form = AuthorityForm(request.POST or None, instance=known)
    if request.method == "POST" and form.is_valid():
        saved = save_authority(
            authority=form.instance,
            changed=form.changed_data,
            actor=actor,
            origin=Origin.of(request),
        )
        messages.success(request, _what_next(saved, is_new=known is None))
        return redirect("directory:authorities")
    context = {"form": form, "authority": known}
    return render(request, "directory/authority_form.html", context)


def _what_next(authority: Authority, *, is_new: bool) -> str:
    if not is_new:
        return f"«\u00a0{authority.name}\u00a0» est à jour."
    return (
        f"«\u00a0{authority.name}\u00a0» est créée\u00a0: "
        "déposez sa première livraison dans les imports."
    )
