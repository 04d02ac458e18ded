"""What the directory itself puts on its administration desk and on the connected page."""

from __future__ import annotations

from django.http import HttpRequest

from directory.desk import figures
from directory.desk.registry import DeskCard, DeskGroup, has_cards, register_card
from directory.enums import Profile
from directory.rights.actors import actor_of, person_of
from directory.rights.acts import Act
from ent.pages.tiles import Tile
from ent.pages.tiles import register as register_tile
from ent.pages.todo import Todo
from ent.pages.todo import register as register_todo


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
    register_tile(
        Tile(
            code="mes-classes",
            title="Mes classes",
            words="Les élèves de vos classes, et qui s’est déjà connecté.",
            icon="users",
            url_name="directory:my-classes",
            is_allowed=lambda request: person_of(request).profile == Profile.TEACHER,
            rank=15,
        )
    )
    register_tile(
        Tile(
            code="administration",
            title="Administration",
            words="Comptes et identifiants, imports, accès, services, journal.",
            icon="settings",
            url_name="directory:administration",
            is_allowed=has_cards,
            rank=21,
            in_nav=True,
            also_at=("/gestion/",),
        )
    )
    register_todo(
        Todo(
            code="livraisons",
            one="livraison de l’annuaire attend votre confirmation",
            many="livraisons de l’annuaire attendent votre confirmation",
            icon="upload",
            url_name="directory:imports",
            is_allowed=lambda request: _may(Act.IMPORT, request),
            count=figures.waiting_deliveries,
            rank=10,
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
            group=DeskGroup.DIRECTORY,
            figure=figures.imports,
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
            group=DeskGroup.DIRECTORY,
            figure=figures.grants,
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
            group=DeskGroup.DIRECTORY,
            figure=figures.schools,
        )
    )
    register_card(
        DeskCard(
            code="departs",
            title="Comptes en départ",
            words="Qui a quitté l’annuaire, et quand son compte sera effacé.",
            icon="history",
            url_name="directory:leavers",
            is_allowed=lambda request: _may(Act.LIFE_CYCLE, request),
            rank=42,
            group=DeskGroup.DIRECTORY,
            figure=figures.leavers,
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
            group=DeskGroup.DIRECTORY,
            figure=figures.authorities,
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
            group=DeskGroup.DIRECTORY,
            figure=figures.events,
        )
    )
