"""The messages that the demonstration kept in a folder instead of sending them."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

_SEPARATOR = b"-" * 79 + b"\n"
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message as its reader would see it."""

    subject: str
    sender: str
    recipients: str
    sent_at: datetime
    body: str


def kept_messages() -> list[KeptMessage]:
    """The latest messages, newest first; one file holds those of one connection."""
    folder = Path(settings.EMAIL_FILE_PATH)
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    found: list[KeptMessage] = []
    for path in files:
        found += reversed(_messages(path))
        if len(found) >= _SHOWN:
            break
    return found[:_SHOWN]


def _messages(path: Path) -> list[KeptMessage]:
    """Messages of one file, as Django's file backend separates them."""
    written = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return [
        _read(part.lstrip(b"\n"), written)
        for part in path.read_bytes().split(_SEPARATOR)
        if part.strip()
    ]


def _read(content: bytes, written: datetime) -> KeptMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - what this policy makes
    body = message.get_body(preferencelist=("plain", "html"))
    return KeptMessage(
        subject=str(message.get("Subject", "")),
        sender=str(message.get("From", "")),
        recipients=str(message.get("To", "")),
        sent_at=written,
        body=str(body.get_content()).strip() if body is not None else "",
    )
