"""What single sign-on puts on the administration desk."""

from __future__ import annotations

from django.http import HttpRequest

from directory.desk.registry import DeskCard, register_card
from directory.rights.actors import actor_of
from ent.pages.figures import count_capped, figure
from ent.pages.todo import Todo
from ent.pages.todo import register as register_todo
from sso.catalogue.models import ServiceGrant
from sso.catalogue.perms import can_manage_services, services_managed_by


def register_entries() -> None:
    """Called once the rooms are loaded."""
    register_card(
        DeskCard(
            code="services",
            title="Services tiers",
            words="Pronote, Moodle…\u00a0: ce que la connexion de l’ENT ouvre, et pour qui.",
            icon="external",
            url_name="services:services",
            is_allowed=_manages_services,
            rank=35,
            figure=_services,
        )
    )
    register_todo(
        Todo(
            code="services",
            one="service tiers n’est encore ouvert à personne",
            many="services tiers ne sont encore ouverts à personne",
            icon="external",
            url_name="services:services",
            is_allowed=_manages_services,
            count=services_without_people,
            rank=40,
        )
    )


def _manages_services(request: HttpRequest) -> bool:
    return can_manage_services(actor_of(request))


def services_without_people(request: HttpRequest) -> int:
    """How many open services no population and no named user may enter."""
    services = services_managed_by(actor_of(request)).filter(is_open=True)
    named = ServiceGrant.objects.in_force()
    return count_capped(services.filter(audiences__isnull=True).exclude(grants__in=named))


def _services(request: HttpRequest) -> str:
    return figure(count_capped(services_managed_by(actor_of(request))), "service", "services")
