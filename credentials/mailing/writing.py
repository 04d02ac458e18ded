"""Writing one mail of a mailing: a fixed body, the school's own words between two of its parts.

Whatever stands in the database, a mail has exactly one intact header block: the subject is cleaned
of control and separator characters once more, and nothing of a person but the address enters a
header (T-G9). Text and HTML say the same; no image, no tracking (T-G8).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.html import escape

from credentials.mailing.identity import bounce_address, message_id
from credentials.mailing.models import LONGEST_SUBJECT, Campaign
from credentials.slips.letterhead import letterhead_of
from directory.models import School
from directory.schools.web import web_address_of
from ent.mail.addresses import is_usable
from ent.mail.messages import has_control_characters

DAYS: Final = 60
_CHOOSE: Final = (
    f"À réception de ce message, vous disposez de {DAYS}\u00a0jours pour choisir votre mot de "
    "passe avec ce lien"
)
_HELP: Final = "Besoin d’aide\u00a0? Adressez-vous à l’administrateur ENT de votre établissement"


_MARKS: Final = {name: f"{name}-{secrets.token_hex(16)}" for name in ("name", "login", "href")}


class UnwritableError(ValueError):
    """This one mail cannot be written; the message says why, in French, for the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the mails of a mailing share."""

    campaign_uuid: str
    subject: str
    custom: str
    school: str
    web: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Addressee:
    """What differs from one mail to the next; it never shows itself: ``href`` holds a token."""

    recipient: int
    address: str
    name: str
    login: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Letter:
    """A written mail, ready for a server."""

    sender: str
    address: str
    subject: str
    text: str
    html: str
    message_id: str

    def message(self) -> EmailMultiAlternatives:
        """Return it as Django has mails, for its other backends; `composing` writes for SMTP."""
        message = EmailMultiAlternatives(
            subject=self.subject,
            body=self.text,
            to=[self.address],
            headers={"Auto-Submitted": "auto-generated", "Message-ID": self.message_id},
        )
        message.attach_alternative(self.html, "text/html")
        return message


def default_subject(school: School) -> str:
    """Return the subject that the form proposes."""
    tail = " - vos identifiants de connexion"
    return f"{letterhead_of(school).name[: LONGEST_SUBJECT - len(tail)]}{tail}"


def frame_of(campaign: Campaign) -> Frame:
    """Return what the mails of *campaign* share."""
    return frame(
        school=campaign.school,
        subject=campaign.subject,
        text=campaign.text,
        campaign_uuid=str(campaign.uuid),
    )


def frame(*, school: School, subject: str, text: str, campaign_uuid: str = "") -> Frame:
    """Return what mails share, for a mailing or for its preview."""
    head = letterhead_of(school)
    return Frame(
        campaign_uuid=campaign_uuid,
        subject=_cleaned(subject),
        custom=text.strip(),
        school=_cleaned(head.name),
        web=web_address_of(school),
        contact=head.contact,
    )


def text_of(shared: Frame, person: Addressee) -> str:
    """Return the plain text of one mail, which is also its preview."""
    parts = [
        f"Bonjour {person.name},",
        f"Votre compte sur l’ENT de l’établissement {shared.school} est prêt.",
        f"Identifiant ENT\u00a0: {person.login}",
        f"{_CHOOSE}\u00a0:\n{person.href}",
        shared.custom,
        f"{_HELP}\u00a0: {shared.contact}.",
        f"{shared.school}\n{shared.web}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def write(shared: Frame, person: Addressee) -> Letter:
    """Write one mail, or raise `UnwritableError`; whatever else it raises concerns this one too."""
    if not is_usable(person.address):
        raise UnwritableError("L’adresse n’est pas valable.")
    if has_control_characters(person.name) or has_control_characters(person.login):
        raise UnwritableError("Le nom contient un caractère interdit.")
    return Letter(
        sender=bounce_address(person.recipient) or _bare_address(settings.DEFAULT_FROM_EMAIL),
        address=person.address,
        subject=shared.subject,
        text=text_of(shared, person),
        html=html_of(shared, person),
        message_id=message_id(campaign_uuid=shared.campaign_uuid, recipient=person.recipient),
    )


@lru_cache(maxsize=4)
def _bare_address(author: str) -> str:
    return parseaddr(author)[1]


def html_of(shared: Frame, person: Addressee) -> str:
    """Return the HTML half; what the mails of a mailing share is rendered once."""
    html = _html_frame(shared)
    for name, mark in _MARKS.items():
        html = html.replace(mark, escape(getattr(person, name)))
    return html


@lru_cache(maxsize=16)
def _html_frame(shared: Frame) -> str:
    """Return the HTML with marks, which nobody can guess, where a person's words go."""
    context = {"shared": shared, "person": _MARKS, "days": DAYS}
    return render_to_string("credentials/mailing_mail.html", context)


def _cleaned(text: str) -> str:
    """Return *text* without what no header may hold; each becomes a space."""
    return "".join(" " if has_control_characters(sign) else sign for sign in text).strip()
