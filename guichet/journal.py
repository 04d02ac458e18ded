"""What the journal keeps of a guichet: who came in, which acts were done on whose key."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from ent.audit.enums import Act, Outcome
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.audit.vocabulary import vocabulary
from guichet.agents.models import AcademicCredential
from guichet.enums import Verdict


@vocabulary(details=("verdict", "proof", "serial", "second"))
class GuichetAct(models.TextChoices):
    """The acts of this room."""

    KEY_IMPORTED = "otp:imported", "Clés OTP importées"
    KEY_ASSIGNED = "otp:assigned", "Clé OTP attribuée"
    KEY_FIRST_USED = "otp:first-used", "Première utilisation d’une clé OTP"
    PIN_CHOSEN = "otp:pin:chosen", "Code PIN choisi"
    PIN_CANCELLED = "otp:pin:cancelled", "Code PIN annulé"
    KEY_DISABLED = "otp:disabled", "Clé OTP désactivée"
    KEY_UNLOCKED = "otp:unlocked", "Clé OTP déverrouillée"
    KEY_RESYNCHRONISED = "otp:resynchronised", "Clé OTP resynchronisée"
    KEY_TAKEN_BACK = "otp:taken-back", "Clé OTP rendue"
    KEY_WITHDRAWN = "otp:withdrawn", "Clé OTP retirée"
    RESCUE_ISSUED = "otp:rescue:issued", "Mot de passe de secours remis"
    CODE_ISSUED = "agent:code:issued", "Code de première connexion remis"
    AGENT_LEFT = "agent:left", "Agent parti"
    ADDRESS_CONFIRMED = "agent:address:confirmed", "Adresse personnelle confirmée"
    ADDRESS_REMOVED = "agent:address:removed", "Adresse personnelle retirée"
    AGENT_VIEWED = "agent:viewed", "Fiche d’un agent consultée"


def subject_of(agent: AcademicCredential) -> UUID:
    """Return whom the journal speaks of: the person of the directory, else the agent's own row."""
    return agent.person.uuid if agent.person is not None else agent.uuid


def signed_in(agent: AcademicCredential, *, origin: Origin, mode: str) -> None:
    """Somebody came in."""
    subject = subject_of(agent)
    record(
        act=Act.SIGN_IN_SUCCEEDED,
        actor=subject,
        subject=subject,
        authority_code=agent.authority.code,
        origin=origin,
        details={"mode": mode},
    )


def sign_in_failed(
    agent: AcademicCredential | None, *, authority_code: str, origin: Origin, verdict: Verdict
) -> None:
    """A try was refused: the same statement whether the identifier exists or not."""
    record(
        act=Act.SIGN_IN_FAILED,
        subject=subject_of(agent) if agent is not None else None,
        authority_code=authority_code,
        origin=origin,
        outcome=Outcome.REFUSED,
        details={"verdict": verdict.value},
    )


def signed_out(agent: AcademicCredential, *, origin: Origin) -> None:
    """Somebody left."""
    subject = subject_of(agent)
    record(
        act=Act.SIGNED_OUT,
        actor=subject,
        subject=subject,
        authority_code=agent.authority.code,
        origin=origin,
    )


def of_oneself(
    act: models.TextChoices, agent: AcademicCredential, *, origin: Origin, **details: object
) -> None:
    """An act of an agent on what is theirs."""
    subject = subject_of(agent)
    record(
        act=act,
        actor=subject,
        subject=subject,
        authority_code=agent.authority.code,
        origin=origin,
        details=details,
    )


def of_the_desk(
    act: models.TextChoices,
    agent: AcademicCredential | None,
    *,
    actor: AcademicCredential | None,
    authority_code: str,
    origin: Origin,
    **details: object,
) -> None:
    """An act of the helpdesk, on somebody or on the stock."""
    record(
        act=act,
        actor=subject_of(actor) if actor is not None else None,
        subject=subject_of(agent) if agent is not None else None,
        authority_code=authority_code,
        origin=origin,
        details=details,
    )
