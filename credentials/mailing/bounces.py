"""Mails that come back to an address of ours, in the shapes that servers give them.

1. A delivery status notification (RFC 3464), wherever it stands in the mail: an action « failed »,
   whatever follows the word. Any other action (delayed, relayed, delivered…) is no return.
2. qmail's text (« Hi. This is the qmail-send program… », QSBMF).
3. A text of another program (Exim, sendmail, gateways): it comes from a machine, says a permanent
   status (5.y.z or 5yz), and does not speak of a delay.

What is no return changes nothing: an automatic answer, a notice of delay, a read receipt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser, Parser
from email.utils import getaddresses
from typing import Final

from credentials.mailing.identity import recipient_of_bounce
from credentials.mailing.services import record_return

LONGEST: Final = 2 * 1024 * 1024
_LONGEST_TEXT: Final = 20_000
_PLACES: Final = ("X-Original-To", "Delivered-To", "Envelope-To", "To")
_STATUS_TYPES: Final = ("message/delivery-status", "message/global-delivery-status")
_STATUS: Final = re.compile(r"(?<![0-9.])([245]\.\d{1,3}\.\d{1,3})(?![0-9.])")
_PERMANENT: Final = re.compile(
    r"(?<![0-9.#])(?:(5\.\d{1,3}\.\d{1,3})|(5[0-5]\d)(?=[ \-]))(?![0-9.])"
)
_QMAIL: Final = re.compile(r"^\s*Hi\. This is the\b")
_QMAIL_RECIPIENT: Final = re.compile(r"^<[^<>\s]*>:[ \t]*$", re.MULTILINE)
#: Behind such a line stands a copy of the mail itself.
_COPY: Final = re.compile(
    r"^[ \t>]*(?:-{3,}.*(?:copy|original|returned message|headers)|Return-Path:|Received:)",
    re.MULTILINE | re.IGNORECASE,
)
_MACHINES: Final = re.compile(
    r"(?:mailer-daemon|postmaster|mail-daemon|noreply-mail)", re.IGNORECASE
)
_DELAY: Final = re.compile(
    r"\b(?:delay(?:ed)?|will be retried|still trying|not yet been delivered|warning message only"
    r"|temporar(?:y|ily)|retard(?:é|ée)?|nouvelles? tentatives?)\b",
    re.IGNORECASE,
)


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
    groups = list(_status_groups(message))
    if groups:
        failures = (_of_status(fields) for fields in groups)
        return next((failure for failure in failures if failure is not None), None)
    if _is_a_receipt(message):
        return None
    text = _text(message)
    if _QMAIL.match(text):
        return _of_qmail(text)
    return _of_text(message, text)


def _status_groups(message: Message) -> Iterator[Message]:
    """Give the fields of every notification that stands in the mail, one group per recipient."""
    for part in message.walk():
        if part.get_content_type() not in _STATUS_TYPES:
            continue
        payload = part.get_payload()
        groups = [one for one in payload if isinstance(one, Message)] if payload else []
        if any("Action" in group for group in groups):
            yield from groups
            continue
        # Encoded for a 7-bit server, or written without a blank line between the groups.
        yield from _read_groups(part, groups)


def _read_groups(part: Message, groups: list[Message]) -> Iterator[Message]:
    raw = "\n\n".join(str(group.get_payload()) for group in groups)
    holder = Message()
    holder["Content-Transfer-Encoding"] = str(part.get("Content-Transfer-Encoding", "7bit"))
    holder.set_payload(raw)
    decoded = holder.get_payload(decode=True)
    text = decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else raw
    for block in re.split(r"(?:\r?\n){2,}", text):
        yield Parser().parsestr(block)


def _of_status(fields: Message) -> tuple[str, str] | None:
    action = str(fields.get("Action", "")).strip()
    if re.match(r"[A-Za-z-]*", action)[0].lower() != "failed":  # type: ignore[index]
        return None
    words = str(fields.get("Diagnostic-Code", "")).partition(";")[2].strip()
    for place in (str(fields.get("Status", "")), action, words):
        found = _STATUS.search(place)
        if found is not None:
            return found[1], words
    return str(fields.get("Status", "")).strip(), words


def _of_qmail(text: str) -> tuple[str, str] | None:
    """Read qmail's paragraphs: the recipient on a line of its own, then what happened."""
    found = _QMAIL_RECIPIENT.search(text)
    if found is None:
        return None
    words = " ".join(re.split(r"\r?\n\s*\r?\n", text[found.end() :])[0].split())
    status = _STATUS.search(words)
    return (status[1] if status is not None else ""), words


def _of_text(message: Message, text: str) -> tuple[str, str] | None:
    sender = str(message.get("From", "")) + str(message.get("Return-Path", ""))
    is_machine = _MACHINES.search(sender) is not None or str(message.get("Return-Path")) == "<>"
    has_failed = "X-Failed-Recipients" in message
    subject = str(message.get("Subject", ""))
    if not (is_machine or has_failed) or _DELAY.search(subject) or _DELAY.search(text):
        return None
    found = _PERMANENT.search(text)
    if found is None:
        return ("", "") if has_failed else None
    line = next(line for line in text[: found.end()].splitlines()[::-1])
    rest = text[found.end() :].splitlines()
    words = " ".join((line + (rest[0] if rest else "")).split())
    return found[1] or "", words


def _is_a_receipt(message: Message) -> bool:
    """Is it a receipt, which tells of a mail that arrived?"""
    return any(
        part.get_content_type() == "message/disposition-notification" for part in message.walk()
    )


def _text(message: Message) -> str:
    """Return the first text of the mail, without the copy of ours behind it."""
    for part in message.walk():
        if part.get_content_type() not in ("text/plain", "text/html"):
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        text = content[:_LONGEST_TEXT].decode("utf-8", "replace").replace("\r\n", "\n")
        if part.get_content_type() == "text/html":
            text = re.sub(r"<[^>]*>", " ", text)
        copy = _COPY.search(text)
        return text if copy is None else text[: copy.start()]
    return ""
