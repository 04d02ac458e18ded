"""Mails that come back: a delivery status notification (RFC 3464) at an address of ours."""

from __future__ import annotations

from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses
from typing import Final

from credentials.mailing.identity import recipient_of_bounce
from credentials.services.campaigns import record_return

LONGEST: Final = 2 * 1024 * 1024
_PLACES: Final = ("X-Original-To", "Delivered-To", "Envelope-To", "To")


def receive(content: bytes, *, to: str = "") -> bool:
    """Read one mail that came to a bounce address; True when it says that ours came back.

    The address proves it: only who got our mail knows its code, so a made-up notification, or one
    for somebody else's mail, changes nothing (T-G12). An automatic answer or a notice of delay is
    no return.
    """
    message = BytesParser().parsebytes(content[:LONGEST])
    recipient = _recipient(message, to)
    failure = _failure(message)
    if recipient is None or failure is None:
        return False
    return record_return(recipient=recipient, code=failure[0], answer=failure[1])


def _recipient(message: Message, to: str) -> int | None:
    """Return the recipient that the address names; the envelope's word goes before headers'."""
    headers = [str(value) for name in _PLACES for value in message.get_all(name, [])]
    addresses = [to] if to else [address for _, address in getaddresses(headers)]
    found = (recipient_of_bounce(address) for address in addresses)
    return next((recipient for recipient in found if recipient is not None), None)


def _failure(message: Message) -> tuple[str, str] | None:
    """Return the status and the words of a failed delivery, None when the mail tells of none."""
    if message.get_content_type() != "multipart/report":
        return None
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        payload = part.get_payload()
        for fields in payload if isinstance(payload, list) else []:
            if isinstance(fields, Message) and str(fields.get("Action", "")).lower() == "failed":
                words = str(fields.get("Diagnostic-Code", "")).partition(";")[2].strip()
                return str(fields.get("Status", "")).strip(), words
    return None
