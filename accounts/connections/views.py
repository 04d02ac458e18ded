"""« Mes connexions »: the browsers where the account is open."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.account.models import Account
from accounts.connections.services import (
    UnknownConnectionError,
    close_connection,
    list_connections,
)
from accounts.session_ends.endings import close_sessions_elsewhere
from ent.audit.origin import Origin
from ent.web.acts import needs_no_recent_proof
from signin.sessions.store import sign_on_of


@never_cache
@require_safe
def my_connections(request: HttpRequest) -> HttpResponse:
    """Device, door, opened, last seen; « Fermer » on all but this one."""
    account = cast("Account", request.user)
    connections = list_connections(account=account, current=sign_on_of(request))
    context = {
        "connections": connections,
        "has_others": any(not connection.is_this_one for connection in connections),
    }
    return render(request, "accounts/connections.html", context)


@needs_no_recent_proof
@never_cache
@require_POST
def close_one(request: HttpRequest, sign_on: UUID) -> HttpResponse:
    """Close one of one's own connections; this browser's is closed by « Se déconnecter »."""
    account = cast("Account", request.user)
    if sign_on == sign_on_of(request):
        raise Http404
    try:
        close_connection(account=account, sign_on=sign_on, origin=Origin.of(request))
    except UnknownConnectionError:
        raise Http404 from None
    messages.success(request, "La connexion est fermée.")
    return HttpResponseRedirect(reverse("accounts:connections"), status=303)


@needs_no_recent_proof
@never_cache
@require_POST
def close_others(request: HttpRequest) -> HttpResponse:
    """Close every connection but this browser's."""
    account = cast("Account", request.user)
    count = close_sessions_elsewhere(
        account=account, keep=sign_on_of(request), origin=Origin.of(request)
    )
    messages.success(request, _closed_words(count))
    return HttpResponseRedirect(reverse("accounts:connections"), status=303)


def _closed_words(count: int) -> str:
    if count == 0:
        return "Aucune autre connexion n’était ouverte."
    if count == 1:
        return "L’autre connexion est fermée."
    return f"Les {count} autres connexions sont fermées."
