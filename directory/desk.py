"""What the directory itself puts on its administration desk and on the connected page."""

from __future__ import annotations

from django.http import HttpRequest

from directory.actors import actor_of
from directory.acts import Act
from directory.extensions import DeskCard, register_card
from ent.pages.tiles import Tile
from ent.pages.tiles import register as register_tile


def _may(act: Act, request: HttpRequest) -> bool:
    return actor_of(request).may(act)


def register_entries() -> None:
    """Called once the rooms are loaded."""
    register_tile(
        Tile(
            code="annuaire",
            title="Annuaire",
            words="Rechercher un utilisateur, voir une fiche, gérer les accès.",
            icon="users",
            url_name="directory:search",
            is_allowed=lambda request: _may(Act.SEARCH, request),
            rank=20,
            in_nav=True,
        )
    )
    register_card(
        DeskCard(
            code="imports",
            title="Imports",
            words="Déposer une livraison AAF, lire l’aperçu, confirmer, suivre.",
            icon="upload",
            url_name="directory:imports",
            is_allowed=lambda request: _may(Act.IMPORT, request),
            rank=10,
        )
    )
    register_card(
        DeskCard(
            code="acces",
            title="Accès utilisateur",
            words="Qui administre quoi, où et jusqu’à quand. Donner ou retirer un rôle.",
            icon="key",
            url_name="directory:roles",
            is_allowed=lambda request: _may(Act.GIVE_ROLES, request),
            rank=30,
        )
    )
    register_card(
        DeskCard(
            code="etablissements",
            title="Établissements",
            words="Leur liste\u00a0: classes, groupes, nombre d’élèves, de parents, de personnels.",
            icon="school",
            url_name="directory:schools",
            is_allowed=lambda request: _may(Act.LIFE_CYCLE, request),
            rank=40,
        )
    )
    register_card(
        DeskCard(
            code="autorites",
            title="Autorités",
            words="Qui alimente l’annuaire : académies, enseignement agricole, universités.",
            icon="settings",
            url_name="directory:authorities",
            is_allowed=lambda request: actor_of(request).has_whole_portal(Act.PORTAL_SETTINGS),
            rank=45,
        )
    )
    register_card(
        DeskCard(
            code="journal",
            title="Journal",
            words="Qui a fait quoi, pour qui et quand, dans votre périmètre.",
            icon="history",
            url_name="directory:journal",
            is_allowed=lambda request: _may(Act.JOURNAL, request),
            rank=50,
        )
    )
