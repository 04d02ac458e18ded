"""What the room puts on the administration desk, and on the connected page."""

from __future__ import annotations

import hashlib
from typing import Final

from django.core.cache import cache
from django.http import HttpRequest

from credentials.dashboard.counting import count_waiting
from credentials.files.perms import manageable_files
from credentials.mailing.perms import visible_campaigns
from credentials.openings.services import may_allow_openings, waiting_openings
from credentials.perms import may_open_desk, may_open_slips, may_rescue
from credentials.slips.perms import visible_printings
from directory.desk.registry import DeskCard, DeskGroup, register_card
from directory.enums import GroupKind
from directory.rights.actors import actor_of
from directory.rights.acts import Act
from directory.rights.walls import visible_groups
from ent.pages.figures import count_capped, figure
from ent.pages.todo import Todo
from ent.pages.todo import register as register_todo

#: How long the number of accounts to hand over is kept, per actor and roles.
KEPT_SECONDS: Final = 60


def register_entries() -> None:
    """Called once the rooms are loaded."""
    register_card(
        DeskCard(
            code="credential-files",
            title="Fichiers des identifiants",
            words="En tableau\u00a0: identifiants et codes d’un établissement, à télécharger.",
            icon="key",
            url_name="credentials:files",
            is_allowed=may_open_desk,
            rank=20,
            group=DeskGroup.CREDENTIALS,
            figure=_files,
        )
    )
    register_card(
        DeskCard(
            code="slips",
            title="Fiches et lettres",
            words="Sur papier\u00a0: une fiche à remettre à chacun, ou une lettre aux parents.",
            icon="file",
            url_name="credentials:slips",
            is_allowed=may_open_slips,
            rank=21,
            group=DeskGroup.CREDENTIALS,
            figure=_printings,
        )
    )
    register_card(
        DeskCard(
            code="rescue-classes",
            title="Dépanner une classe",
            words="Mots de passe perdus\u00a0: en donner de nouveaux à toute une classe.",
            icon="refresh",
            url_name="credentials:rescue-classes",
            is_allowed=may_rescue,
            rank=22,
            group=DeskGroup.CREDENTIALS,
            figure=_classes,
        )
    )
    register_card(
        DeskCard(
            code="mailings",
            title="Diffusion des identifiants",
            words="Par courriel\u00a0: identifiant et lien, à qui ne s’est jamais connecté.",
            icon="mail",
            url_name="credentials:mailings",
            is_allowed=may_open_desk,
            rank=23,
            group=DeskGroup.CREDENTIALS,
            figure=_mailings,
        )
    )
    register_card(
        DeskCard(
            code="activation",
            title="Activation des comptes",
            words="Où en sont les comptes\u00a0: qui s’est connecté, qui reste à relancer.",
            icon="check",
            url_name="credentials:activation",
            is_allowed=may_open_slips,
            rank=15,
            group=DeskGroup.CREDENTIALS,
            figure=_waiting,
        )
    )
    register_todo(
        Todo(
            code="ouvertures",
            one="ouverture de codes attend votre accord",
            many="ouvertures de codes attendent votre accord",
            icon="key",
            url_name="credentials:openings",
            is_allowed=may_allow_openings,
            count=_openings,
            rank=28,
        )
    )
    register_todo(
        Todo(
            code="identifiants",
            one="compte attend que son identifiant soit remis",
            many="comptes attendent que leur identifiant soit remis",
            icon="key",
            url_name="credentials:activation",
            is_allowed=may_open_slips,
            count=accounts_to_hand_over,
            rank=30,
        )
    )


def accounts_to_hand_over(request: HttpRequest) -> int:
    """How many accounts have no valid code in their owner's hands, within what one may do.

    Kept a minute: the first page of the day is opened by every head at the same time. The key holds
    the actor and their roles in force, so that a role that is withdrawn finds nothing.
    """
    actor = actor_of(request)
    key = f"to-hand-over:{hashlib.sha256(repr(actor).encode()).hexdigest()}"
    known: int | None = cache.get(key)
    if known is None:
        known = count_waiting(actor)
        cache.set(key, known, KEPT_SECONDS)
    return known


def _openings(request: HttpRequest) -> int:
    return waiting_openings(actor_of(request)).count()


def _waiting(request: HttpRequest) -> str:
    return figure(accounts_to_hand_over(request), "compte à remettre", "comptes à remettre")


def _files(request: HttpRequest) -> str:
    return figure(count_capped(manageable_files(actor_of(request))), "fichier", "fichiers")


def _printings(request: HttpRequest) -> str:
    return figure(count_capped(visible_printings(actor_of(request))), "tirage", "tirages")


def _classes(request: HttpRequest) -> str:
    classes = visible_groups(actor_of(request), Act.RESCUE).filter(kind=GroupKind.CLASS)
    return figure(
        count_capped(classes.filter(is_present=True)), "classe", "classes", none="Aucune classe"
    )


def _mailings(request: HttpRequest) -> str:
    return figure(
        count_capped(visible_campaigns(actor_of(request))),
        "diffusion",
        "diffusions",
        none="Aucune diffusion",
    )
