"""What every page of the desk loads: the actor, and a service of theirs."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404

from directory.rights.actors import actor_of, require
from directory.rights.acts import Act
from ent.audit.origin import Origin
from sso.catalogue.locking import ActorAndOrigin
from sso.catalogue.models import Service
from sso.catalogue.perms import can_manage_portal_services, services_managed_by


def by_of(request: HttpRequest) -> ActorAndOrigin:
    """Who acts; 403 when no role manages any service."""
    return ActorAndOrigin(actor=require(request, Act.OWN_SERVICES), origin=Origin.of(request))


def managed(request: HttpRequest, service: uuid.UUID) -> tuple[ActorAndOrigin, Service]:
    """The actor and one of their services; a foreign one is a 404."""
    by = by_of(request)
    return by, get_object_or_404(services_managed_by(by.actor), uuid=service)


def posted(request: HttpRequest) -> QueryDict | None:
    """The fields of a POST, even none at all; None for a form that is only shown."""
    return request.POST if request.method == "POST" else None


def page_context(request: HttpRequest, service: Service, **context: Any) -> dict[str, Any]:
    """What the frame of a service's tabs shows."""
    is_whole_portal = can_manage_portal_services(actor_of(request))
    return {"service": service, "is_whole_portal": is_whole_portal, **context}


def words_of(error: ValidationError) -> str:
    """Return the sentences of an error, for a message above the page."""
    return " ".join(error.messages)
