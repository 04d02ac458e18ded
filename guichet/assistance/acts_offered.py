"""The acts of the desk as its pages offer them: words, consequences, which key they fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django import forms

from guichet.assistance.forms import ActForm, AssignForm, ResynchroniseForm
from guichet.enums import KeyEvent, KeyState, PinState
from guichet.keys.models import OtpKey
from guichet.keys.transitions import may_happen


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedAct:
    """One act: its address, its button, what it will do."""

    slug: str
    label: str
    consequence: str
    event: KeyEvent | None = None
    form: type[forms.Form] = ActForm
    needs_key: bool = True

    def fits(self, key: OtpKey) -> bool:
        """Can it be done to this key now?"""
        if self.event == KeyEvent.RESCUE_ISSUED:
            return key.state == KeyState.ACTIVE
        if self.event == KeyEvent.PIN_CANCELLED and key.pin_state == PinState.NONE:
            return False
        return self.event is not None and may_happen(KeyState(key.state), self.event)


ACTS: Final = (
    OfferedAct(
        slug="annuler-pin",
        label="Annuler le code PIN",
        consequence="Le code PIN ne vaut plus rien, les sessions ouvertes se ferment. La prochaine "
        "utilisation est une première utilisation\u00a0: le code seul, un second code, un nouveau "
        "code PIN.",
        event=KeyEvent.PIN_CANCELLED,
    ),
    OfferedAct(
        slug="secours",
        label="Mot de passe de secours",
        consequence="Clé oubliée\u00a0: un mot de passe pour la journée, montré une seule fois, "
        "tapé derrière le code PIN. Il finit ce soir à 23\u00a0h\u00a059, ou dès que la clé sert.",
        event=KeyEvent.RESCUE_ISSUED,
    ),
    OfferedAct(
        slug="deverrouiller",
        label="Déverrouiller",
        consequence="La clé s’ouvre à nouveau, l’attente de l’identifiant est levée.",
        event=KeyEvent.UNLOCKED,
    ),
    OfferedAct(
        slug="resynchroniser",
        label="Resynchroniser",
        consequence="Deux codes qui se suivent remettent la clé à l’heure. Ils ne serviront plus.",
        event=KeyEvent.RESYNCHRONISED,
        form=ResynchroniseForm,
    ),
    OfferedAct(
        slug="perdue",
        label="Perdue",
        consequence="La clé n’ouvre plus rien, tout de suite, et les sessions se ferment.",
        event=KeyEvent.LOST,
    ),
    OfferedAct(
        slug="volee",
        label="Volée",
        consequence="La clé n’ouvre plus rien, tout de suite, et les sessions se ferment.",
        event=KeyEvent.STOLEN,
    ),
    OfferedAct(
        slug="cassee",
        label="Cassée",
        consequence="La clé n’ouvre plus rien et ne reviendra pas en stock.",
        event=KeyEvent.BROKEN,
    ),
    OfferedAct(
        slug="rendue",
        label="Rendue",
        consequence="La clé est revenue\u00a0: elle perd son titulaire et son code PIN, et "
        "retourne en stock.",
        event=KeyEvent.TAKEN_BACK,
    ),
    OfferedAct(
        slug="retirer",
        label="Retirer du service",
        consequence="La clé ne servira plus jamais.",
        event=KeyEvent.WITHDRAWN,
    ),
)
OF_AGENTS: Final = (
    OfferedAct(
        slug="attribuer",
        label="Attribuer une clé",
        consequence="La clé devient la sienne par sa première utilisation\u00a0; jusque-là "
        "l’ancienne, s’il y en a une, sert encore.",
        event=KeyEvent.ASSIGNED,
        form=AssignForm,
        needs_key=False,
    ),
    OfferedAct(
        slug="code",
        label="Code d’une seule fois",
        consequence="Un code remis une seule fois, qui n’ouvre que le choix d’un nouveau mot de "
        "passe. L’ancien mot de passe ne vaut plus rien. La clé reste demandée à qui elle l’est.",
        needs_key=False,
    ),
)


def act_called(slug: str) -> OfferedAct | None:
    """Return the act of an address."""
    return next((act for act in (*ACTS, *OF_AGENTS) if act.slug == slug), None)


def acts_for(key: OtpKey) -> Iterator[OfferedAct]:
    """Return the acts that fit the key, in the order of the pages."""
    return (act for act in ACTS if act.fits(key))
