"""What the room puts on the administration desk."""

from __future__ import annotations

from directory.actors import actor_of
from directory.acts import Act
from directory.extensions import DeskCard, register_card


def register_entries() -> None:
    """Called once the rooms are loaded."""
    register_card(
        DeskCard(
            code="guichets",
            title="Guichets",
            words="Par où l’on se connecte : mot de passe de l’ENT ou portail d’une académie.",
            icon="sign-in",
            url_name="accounts:doors",
            is_allowed=lambda request: actor_of(request).may(Act.PORTAL_SETTINGS),
            rank=46,
        )
    )
    register_card(
        DeskCard(
            code="rattachements",
            title="Rattachements",
            words="Quel identifiant académique ouvre quel compte, et les demandes à traiter.",
            icon="users",
            url_name="accounts:bindings",
            is_allowed=lambda request: actor_of(request).may(Act.PORTAL_SETTINGS),
            rank=47,
        )
    )
