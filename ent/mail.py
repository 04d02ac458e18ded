"""Mails of the ENT: text and HTML, plain, without tracking, and addresses of the configured host.

Whatever reaches a header is refused when it holds a control or separator character: Django 5.2
lets several of them split or break the header block, and `BadHeaderError` does not catch all.
Links start from `PUBLIC_BASE_URL`, never from a request's Host (T-B9).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.utils import make_msgid
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string

#: C0 (CR, LF, NUL, \x0b \x0c \x1c-\x1e and tab included), DEL, C1 (\x85 included), U+2028, U+2029.
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
LONGEST_ADDRESS: Final = 254


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


def is_mailable(address: str) -> bool:
    """Is it one plain address, to which a mail may go? Feeds hold names, lists and worse."""
    if not address or len(address) > LONGEST_ADDRESS or has_control_characters(address):
        return False
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


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


def send(mail: Mail) -> None:
    """Send one mail now: called by jobs, never inside a request. Raises what SMTP raises."""
    if not is_mailable(mail.to):
        raise UnsafeTextError("not an address")
    context = {
        "mail": mail,
        "signature": settings.PLATFORM_NAME,
        "home": portal_address("/"),
    }
    message = EmailMultiAlternatives(
        subject=checked_header(mail.subject),
        body=_as_text(mail),
        to=[mail.to],
        headers={
            "Auto-Submitted": "auto-generated",
            "Message-ID": make_msgid(domain=urlsplit(settings.PUBLIC_BASE_URL).hostname or "ent"),
        },
    )
    message.attach_alternative(render_to_string("mail/message.html", context), "text/html")
    message.send()


def _as_text(mail: Mail) -> str:
    parts = list(mail.paragraphs)
    if mail.link_href:
        parts.append(f"{mail.link_words}\u00a0:\n{mail.link_href}")
    parts += mail.after
    parts.append(f"{settings.PLATFORM_NAME}\n{portal_address('/')}")
    return "\n\n".join(parts) + "\n"
