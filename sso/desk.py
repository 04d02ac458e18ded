"""What single sign-on puts on the administration desk."""

from __future__ import annotations

from directory.actors import actor_of
from directory.extensions import DeskCard, register_card
from sso.perms import can_manage_services


def register_entries() -> None:
    """Called once the rooms are loaded."""
    register_card(
        DeskCard(
            code="services",
            title="Services tiers",
            words="Pronote, Moodle…\u00a0: ce que la connexion de l’ENT ouvre, et pour qui.",
            icon="external",
            url_name="services:services",
            is_allowed=lambda request: can_manage_services(actor_of(request)),
            rank=35,
        )
    )
