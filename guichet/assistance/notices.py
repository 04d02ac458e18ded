"""Telling the owner what was done to their key or password: a mail, by a job (T-C9)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from ent.jobs.services import enqueue
from ent.mail.messages import Mail, Sent, deliver
from guichet.agents.models import AcademicCredential
from guichet.enums import KeyEvent

KIND: Final = "guichet.tell_owner"
_WORDS: Final = {
    KeyEvent.ASSIGNED.value: "Une clé de sécurité OTP vous est attribuée. À réception, tapez "
    "uniquement le code qu’elle affiche.",
    KeyEvent.PIN_SET.value: "Le code PIN de votre clé vient d’être choisi.",
    KeyEvent.PIN_CANCELLED.value: "Le code PIN de votre clé est annulé : la prochaine utilisation "
    "sera une première utilisation.",
    KeyEvent.UNLOCKED.value: "Votre clé est déverrouillée.",
    KeyEvent.LOST.value: "Votre clé, déclarée perdue, est désactivée.",
    KeyEvent.STOLEN.value: "Votre clé, déclarée volée, est désactivée.",
    KeyEvent.BROKEN.value: "Votre clé, déclarée cassée, est désactivée.",
    KeyEvent.RESCUE_ISSUED.value: "Un mot de passe de secours vous a été remis pour la journée.",
    KeyEvent.RESYNCHRONISED.value: "Votre clé a été remise à l’heure.",
    KeyEvent.TAKEN_BACK.value: "La clé que vous avez rendue est de nouveau en stock.",
    KeyEvent.WITHDRAWN.value: "Votre clé est retirée du service.",
    "code-remis": "Un code d’une seule fois vous a été remis pour choisir un mot de passe.",
    "adresse-confirmee": "Votre adresse personnelle est confirmée : un lien de mot de passe oublié "
    "peut y être envoyé.",
    "adresse-retiree": "Votre adresse personnelle est retirée.",
    "mot-de-passe-choisi": "Votre mot de passe académique vient d’être changé.",
}


def tell_owner(agent: AcademicCredential, what: str) -> None:
    """Ask for the mail; nothing for an event that concerns the desk only."""
    if what in _WORDS and agent.email:
        enqueue(
            kind=KIND,
            params={"agent": agent.uuid, "what": what},
            authority_code=agent.authority.code,
        )


def send_notice(agent_uuid: UUID, what: str) -> Sent | None:
    """Send one notice; None when there is nobody to tell any more."""
    agent = AcademicCredential.objects.select_related("authority").filter(uuid=agent_uuid).first()
    if agent is None or not agent.email:
        return None
    phone = agent.authority.helpdesk_phone
    return deliver(
        Mail(
            to=agent.email,
            subject="Vos accès académiques : un changement",
            signature=agent.authority.name,
            paragraphs=(
                f"Bonjour {agent.full_name},",
                _WORDS[what],
                "Si vous n’en êtes pas à l’origine, appelez l’assistance"
                + (f" au {phone}." if phone else "."),
            ),
        )
    )
