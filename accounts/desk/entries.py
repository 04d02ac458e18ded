"""What the room puts on the administration desk."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from accounts.doors.base.scope import doors_of
from accounts.doors.bindings.models import RefusedBinding
from directory.desk.registry import DeskCard, register_card
from directory.rights.actors import actor_of
from directory.rights.acts import Act
from ent.pages.figures import count_capped, figure
from ent.pages.todo import Todo
from ent.pages.todo import register as register_todo


def register_entries() -> None:
    """Register at start, when every room is loaded."""
    register_card(
        DeskCard(
            code="guichets",
            title="Guichets",
            words="Par où l’on se connecte : mot de passe de l’ENT ou portail d’une académie.",
            icon="sign-in",
            url_name="accounts:doors",
            is_allowed=_sets_doors,
            rank=46,
            figure=_doors,
        )
    )
    register_card(
        DeskCard(
            code="rattachements",
            title="Rattachements",
            words="Quel identifiant académique ouvre quel compte, et les demandes à traiter.",
            icon="users",
            url_name="accounts:bindings",
            is_allowed=_sets_doors,
            rank=47,
            figure=_claims,
        )
    )
    register_todo(
        Todo(
            code="rattachements",
            one="demande de rattachement à traiter",
            many="demandes de rattachement à traiter",
            icon="users",
            url_name="accounts:bindings",
            is_allowed=_sets_doors,
            count=waiting_claims,
            rank=20,
        )
    )
    register_todo(
        Todo(
            code="guichets",
            one="guichet ne répond pas",
            many="guichets ne répondent pas",
            icon="warning",
            url_name="accounts:doors",
            is_allowed=_sets_doors,
            count=resting_doors,
            rank=5,
        )
    )


def _sets_doors(request: HttpRequest) -> bool:
    return actor_of(request).may(Act.PORTAL_SETTINGS)


def waiting_claims(request: HttpRequest) -> int:
    """How many people did not come in through an academy, and wait for a human."""
    doors = doors_of(actor_of(request)).order_by()
    return count_capped(RefusedBinding.objects.filter(door__in=doors))


def resting_doors(request: HttpRequest) -> int:
    """How many servers of academies are left alone at this moment, as they do not answer."""
    doors = doors_of(actor_of(request)).filter(is_open=True)
    return count_capped(doors.filter(health__closed_until__gt=timezone.now()))


def _doors(request: HttpRequest) -> str:
    return figure(count_capped(doors_of(actor_of(request))), "guichet", "guichets")


def _claims(request: HttpRequest) -> str:
    return figure(
        waiting_claims(request), "demande à traiter", "demandes à traiter", none="Aucune demande"
    )
