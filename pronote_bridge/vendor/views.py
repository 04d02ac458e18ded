"""« Éditeur »: who we are to the vendor, and the key with which every file is encrypted."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from directory.rights.actors import Actor, person_of, require
from directory.rights.acts import Act
from ent.audit.origin import Origin
from ent.web.acts import asks_for_recent_proof
from pronote_bridge.vendor.forms import ConfirmKeyForm, KeyForm, PartnerForm
from pronote_bridge.vendor.perms import can_keep_vendor
from pronote_bridge.vendor.services import change_key, change_vendor, vendor_partner


def _require(request: HttpRequest) -> Actor:
    actor = require(request, Act.PRONOTE)
    if not can_keep_vendor(actor):
        raise PermissionDenied("the vendor's side is the portal's")
    return actor


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def vendor(request: HttpRequest) -> HttpResponse:
    """Show and change who we are to the vendor; the key has a page of its own."""
    _require(request)
    partner = vendor_partner()
    data = request.POST if request.method == "POST" else None
    form = PartnerForm(data, instance=partner)
    if request.method == "POST" and form.is_valid():
        change_vendor(values=form.cleaned_data, actor=person_of(request), at=Origin.of(request))
        messages.success(request, "Les réglages de l’éditeur sont à jour.")
        return redirect("pronote:vendor")
    return render(request, "pronote_bridge/vendor.html", {"form": form, "partner": partner})


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def key(request: HttpRequest) -> HttpResponse:
    """Replace the key; whoever may not learns that before any password is asked."""
    _require(request)
    return _key(request)


def _key(request: HttpRequest) -> HttpResponse:
    if "cle" in request.POST:
        return _confirm(request)
    form = KeyForm(request.POST or None, request.FILES or None)
    context = {"form": form, "partner": vendor_partner()}
    if request.method == "POST" and form.is_valid() and form.key is not None:
        context |= {"key": form.key, "form": ConfirmKeyForm(initial={"cle": form.key.pem})}
        return render(request, "pronote_bridge/vendor_key_confirm.html", context)
    return render(request, "pronote_bridge/vendor_key.html", context)


def _confirm(request: HttpRequest) -> HttpResponse:
    form = ConfirmKeyForm(request.POST)
    if form.is_valid() and form.key is not None:
        change_key(key=form.key, actor=person_of(request), at=Origin.of(request))
        messages.success(
            request,
            "La clé est remplacée\u00a0: le prochain export est pour elle. Les identifiants n’ont"
            " pas changé.",
        )
        return redirect("pronote:vendor")
    context = {"form": form, "key": form.key, "partner": vendor_partner()}
    return render(request, "pronote_bridge/vendor_key_confirm.html", context)
