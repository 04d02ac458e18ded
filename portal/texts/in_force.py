"""The portal's texts (R-J5): the version in force, or the true default that we wrote.

A default says « non renseigné » where the operator has told nothing: a page must not pretend.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.utils.safestring import SafeString

from portal.enums import TextKind
from portal.identity import portal_settings
from portal.models import LegalText
from portal.texts.markup import to_html

_FOLDER = Path(__file__).parent / "default_texts"
_UNKNOWN = "Non renseigné par l’exploitant de ce portail."


@dataclass(frozen=True)
class ShownText:
    """A text ready for its page; without *version* it is the default."""

    title: str
    html: SafeString
    version: int | None
    published_at: datetime | None


def text_in_force(kind: TextKind) -> ShownText:
    """Return the text of *kind* with the portal's own data in its places."""
    row = LegalText.objects.in_force(kind)
    body = row.body if row is not None else _default_body(kind)
    for name, value in _values().items():
        body = body.replace("{" + name + "}", value)
    return ShownText(
        title=kind.label,
        html=to_html(body),
        version=row.version if row is not None else None,
        published_at=row.created_at if row is not None else None,
    )


def _values() -> dict[str, str]:
    portal = portal_settings()
    contact = [
        f"Courriel\u00a0: {portal.contact_email}" if portal.contact_email else "",
        f"Téléphone\u00a0: {portal.contact_phone}" if portal.contact_phone else "",
    ]
    return {
        "portal": portal.name,
        "publisher": portal.publisher or _UNKNOWN,
        "director": portal.publication_director or _UNKNOWN,
        "hosting": portal.hosting or _UNKNOWN,
        "privacy_officer": portal.privacy_officer or _UNKNOWN,
        "contact": "\n".join(line for line in contact if line) or _UNKNOWN,
    }


@cache
def _default_body(kind: TextKind) -> str:
    return (_FOLDER / f"{kind.value}.txt").read_text(encoding="utf-8")
