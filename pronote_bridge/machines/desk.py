"""« Machines » of an instance: open or closed, networks, secrets."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ent.web.acts import asks_for_recent_proof
from pronote_bridge.instances.models import Instance
from pronote_bridge.instances.views import managed, posted, words_of
from pronote_bridge.machines.forms import AccessForm
from pronote_bridge.machines.models import MachineSecret
from pronote_bridge.machines.services import (
    SLOTS,
    change_access,
    create_secret,
    machine_access_of,
    withdraw_secret,
)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def machines(request: HttpRequest, instance: uuid.UUID) -> HttpResponse:
    """Show and change who may fetch the file without a person."""
    managed(request, instance)
    return _machines(request, instance)


def _machines(request: HttpRequest, instance: uuid.UUID) -> HttpResponse:
    by, found = managed(request, instance)
    form = AccessForm(posted(request), access=machine_access_of(found))
    if request.method == "POST" and form.is_valid():
        access = change_access(
            instance=found,
            is_open=form.cleaned_data["ouverte"],
            networks=form.cleaned_data["reseaux"],
            by=by,
        )
        state = "ouverte" if access.is_open else "fermée"
        messages.success(request, f"L’adresse pour machines est {state}.")
        return redirect("pronote:machines", found.uuid)
    return render(request, "pronote_bridge/machines.html", _context(found, form=form))


@never_cache
@require_POST
@asks_for_recent_proof
def add_secret(request: HttpRequest, instance: uuid.UUID) -> HttpResponse:
    """Make a secret and show it, this once: only a hash of it is kept."""
    by, found = managed(request, instance)
    try:
        secret = create_secret(instance=found, by=by)
    except ValidationError as error:
        messages.error(request, words_of(error))
        return redirect("pronote:machines", found.uuid)
    context = _context(found, secret=secret)
    return render(request, "pronote_bridge/machine_secret.html", context)


@require_POST
def remove_secret(request: HttpRequest, instance: uuid.UUID, secret: uuid.UUID) -> HttpResponse:
    """Close one secret at once."""
    by, found = managed(request, instance)
    alive = MachineSecret.objects.alive().select_related("instance")
    withdraw_secret(secret=get_object_or_404(alive, uuid=secret, instance=found), by=by)
    messages.success(request, "Le secret est retiré\u00a0: il n’ouvre plus rien.")
    return redirect("pronote:machines", found.uuid)


def _context(instance: Instance, **more: Any) -> dict[str, Any]:
    alive = MachineSecret.objects.alive().filter(instance=instance)
    start, file = (
        f"{settings.PUBLIC_BASE_URL}{reverse(f'pronote:machine-{name}', args=[instance.uuid])}"
        for name in ("start", "file")
    )
    addresses = [
        ("Commencer un export", f"POST {start}"),
        ("Prendre le dernier fichier", f"GET {file}"),
        ("S’authentifier", "Authorization: Bearer <secret>"),
    ]
    has_room = alive.count() < len(SLOTS)
    return {
        "instance": instance, "secrets": alive, "addresses": addresses, "has_room": has_room, **more
    }  # fmt: skip
