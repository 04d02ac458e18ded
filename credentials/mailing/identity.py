"""What names one mail outside: its Message-ID and the address to which it comes back.

Both come from the row by a keyed hash: the same at every try, so that a mail server's log, or a
mailbox that gets a mail twice, knows that it is the same mail; and nobody can make one up (T-G12).
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from ent.sealing.hashing import keyed_hash, keyed_hashes
from ent.sealing.keys import KeyRole

_MAC: Final = 20  # hexadecimal characters: 80 bits
_BOUNCE: Final = re.compile(r"^rebond-([0-9]{1,18})-([0-9a-f]{20})$")


def message_id(*, campaign_uuid: str, recipient: int) -> str:
    """Return the stable Message-ID of a recipient's mail."""
    digest = keyed_hash(KeyRole.MAILING, f"message:{campaign_uuid}:{recipient}".encode())
    host = urlsplit(settings.PUBLIC_BASE_URL).hostname or "ent"
    return f"<{digest.hex()[:40]}@{host}>"


def bounce_address(recipient: int) -> str:
    """Return the envelope sender to which this mail comes back, "" when none is set up."""
    if not settings.MAIL_BOUNCE_DOMAIN:
        return ""
    mac = keyed_hash(KeyRole.MAILING, _bounce(recipient)).hex()[:_MAC]
    return f"rebond-{recipient}-{mac}@{settings.MAIL_BOUNCE_DOMAIN}"


def recipient_of_bounce(address: str) -> int | None:
    """Return the recipient that a bounce address names, None when it is none of ours."""
    local, _, domain = address.strip().strip("<>").lower().rpartition("@")
    found = _BOUNCE.match(local)
    if found is None or domain != settings.MAIL_BOUNCE_DOMAIN.lower():
        return None
    recipient = int(found[1])
    known = [digest.hex()[:_MAC] for digest in keyed_hashes(KeyRole.MAILING, _bounce(recipient))]
    return recipient if found[2] in known else None


def _bounce(recipient: int) -> bytes:
    return f"bounce:{recipient}".encode()
