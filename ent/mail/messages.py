"""Mails of the ENT: text and HTML, plain, without tracking, and addresses of the configured host.

Whatever reaches a header is refused when it holds a control or separator character: Django 5.2
lets several of them split or break the header block, and `BadHeaderError` does not catch all.
Links start from `PUBLIC_BASE_URL`, never from a request's Host (T-B9).
"""

from __future__ import annotations

import logging
import re
import smtplib
from dataclasses import dataclass, field
from email.charset import QP, Charset
from email.utils import make_msgid
from enum import Enum, auto
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from ent.mail.addresses import is_usable
from ent.mail.timed import InDoubtError

#: C0 (CR, LF, NUL, \x0b \x0c \x1c-\x1e and tab included), DEL, C1 (\x85 included), U+2028, U+2029.
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


#: Bodies without a byte above 127: not every server offers 8BITMIME (RFC 6152).
_SEVEN_BITS: Final = Charset("utf-8")
_SEVEN_BITS.body_encoding = QP

logger = logging.getLogger(__name__)


class UnsafeTextError(ValueError):
    """A subject, a name or an address that would break the header block; it is not quoted."""


def has_control_characters(text: str) -> bool:
    """Does *text* hold a character that no header, name or file name may hold?"""
    return bool(_FORBIDDEN.search(text))


def checked_header(text: str) -> str:
    """Return *text*, or raise `UnsafeTextError`."""
    if has_control_characters(text):
        raise UnsafeTextError("a header holds no control nor separator character")
    return text


def portal_address(path: str) -> str:
    """Return the full address of one of our paths, on the configured host."""
    return settings.PUBLIC_BASE_URL.rstrip("/") + path


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Mail:
    """One mail to one address: paragraphs, then at most one link on a line of its own.

    It never shows what it holds: a link may carry a one-time token.
    """

    to: str
    subject: str
    paragraphs: tuple[str, ...]
    link_words: str = ""
    link_href: str = ""
    after: tuple[str, ...] = field(default=())
    signature: str = ""
    """Who signs, the platform when nobody does; with the address of their own pages."""
    home: str = ""

    @property
    def signed(self) -> tuple[str, str]:
        """Who signs, and where they are found."""
        return self.signature or settings.PLATFORM_NAME, self.home or portal_address("/")


class Sent(Enum):
    """What became of a mail that was handed to the mail server."""

    TAKEN = auto()
    #: All of it was given and no answer came: nobody gets it again, it may have arrived.
    IN_DOUBT = auto()
    #: A final refusal of this recipient or this mail: asking again would change nothing.
    REFUSED = auto()
    #: Not sent; another try may succeed.
    LATER = auto()
    #: Not sent, and no other mail would be: there is no connection to the server.
    NO_SERVER = auto()

    @property
    def is_over(self) -> bool:
        """Is there nothing more to try?"""
        return self not in (Sent.LATER, Sent.NO_SERVER)


def deliver(mail: Mail) -> Sent:
    """Send one mail now and say what became of it: called by jobs, never inside a request.

    The log says the kind of failure, never whose mail it was.
    """
    try:
        send(mail)
    except (smtplib.SMTPException, OSError) as failure:
        outcome = _outcome_of(failure)
        logger.warning("a mail was not taken: %s (%s)", outcome.name, type(failure).__name__)
        return outcome
    return Sent.TAKEN


def _outcome_of(failure: Exception) -> Sent:
    match failure:
        case InDoubtError():
            return Sent.IN_DOUBT
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _ in failure.recipients.values()]
            return Sent.REFUSED if min(codes, default=0) >= 500 else Sent.LATER
        case smtplib.SMTPDataError():
            return Sent.REFUSED if failure.smtp_code >= 500 else Sent.LATER
        case smtplib.SMTPSenderRefused() | smtplib.SMTPServerDisconnected():
            return Sent.LATER
    return Sent.NO_SERVER


def send(mail: Mail) -> None:
    """Send one mail now. Raises what SMTP raises, and `UnsafeTextError`."""
    if not is_usable(mail.to):
        raise UnsafeTextError("not an address")
    signature, home = mail.signed
    context = {"mail": mail, "signature": signature, "home": home}
    message = EmailMultiAlternatives(
        subject=checked_header(mail.subject),
        body=_as_text(mail),
        to=[mail.to],
        headers={
            "Auto-Submitted": "auto-generated",
            "Message-ID": make_msgid(domain=urlsplit(settings.PUBLIC_BASE_URL).hostname or "ent"),
        },
    )
    message.encoding = _SEVEN_BITS
    message.attach_alternative(render_to_string("mail/message.html", context), "text/html")
    message.send()


def _as_text(mail: Mail) -> str:
    parts = list(mail.paragraphs)
    if mail.link_href:
        parts.append(f"{mail.link_words}\u00a0:\n{mail.link_href}")
    parts += mail.after
    parts.append("\n".join(mail.signed))
    return "\n\n".join(parts) + "\n"
