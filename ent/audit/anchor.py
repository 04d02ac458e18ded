"""The heads of the journal's chains, kept outside the database.

Whoever empties the end of the tables leaves a chain that verifies. So each worker's machine notes,
in a file of its own (`JOURNAL_ANCHOR`), the last links that it has seen, under the key of the
chain; the same heads go to the log with each sealing and to the operators' mail once a day. A
machine that has no file yet has nothing to compare with: it notes what it finds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hmac import compare_digest
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.mail import mail_admins
from django.utils import timezone

from ent.audit.enums import Act
from ent.audit.faults import ChainFault
from ent.audit.models import IdentitySeal, JournalSeal, JournalState
from ent.audit.services import record
from ent.sealing.hashing import keyed_digest
from ent.sealing.keys import KeyRole, UnknownKeyError, current_key, key_by_id


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a chain: its number, 0 when there is none, and its hash in hexadecimal."""

    number: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a machine knows of both chains since an instant (ISO 8601)."""

    noted_at: str
    events: Head
    identities: Head
    is_genuine: bool = True
    """Is it signed by a key of the chain?"""


def keep_anchor(*, is_forced: bool = False) -> None:
    """Note the heads of now, unless the chains do not hold those that were noted before.

    *is_forced*: after a restore, whose chains rightly end earlier.
    """
    noted = read_anchor()
    heads = Anchor(timezone.now().isoformat(), _head_of_events(), _head_of_identities())
    if noted is not None and not is_forced:
        if (noted.events, noted.identities) == (heads.events, heads.identities):
            return
        if any(compare_with_anchor(noted)):
            return  # `verify` goes on telling it until a person has looked
    _write(heads)


def read_anchor() -> Anchor | None:
    """Return what this machine noted last; None when it noted nothing yet."""
    try:
        kept = json.loads(_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return Anchor("", Head(), Head(), is_genuine=False)
    try:
        said = {name: kept[name] for name in ("noted_at", "events", "identities")}
        anchor = Anchor(said["noted_at"], Head(**said["events"]), Head(**said["identities"]))
        key = key_by_id(KeyRole.JOURNAL_CHAIN, bytes.fromhex(kept["key"]))
        if compare_digest(keyed_digest(key, _text(said)).hex(), str(kept["signature"])):
            return anchor
    except (KeyError, TypeError, ValueError, UnknownKeyError):
        pass
    return Anchor("", Head(), Head(), is_genuine=False)


def compare_with_anchor(anchor: Anchor) -> Iterator[ChainFault]:
    """Find what the chains have lost since the anchor was noted."""
    if not anchor.is_genuine:
        yield ChainFault("repère falsifié ou illisible", str(_path()))
        return
    purged = JournalState.objects.get().purged_number
    events = JournalSeal.objects.filter(number=anchor.events.number)
    if anchor.events.number > purged and not _holds(events, anchor.events):
        yield ChainFault(
            "fin du journal coupée ou remplacée",
            f"le scellé {anchor.events.number}, noté le {anchor.noted_at}, n’y est plus",
        )
    identities = IdentitySeal.objects.filter(number=anchor.identities.number)
    if anchor.identities.number and not _holds(identities, anchor.identities):
        yield ChainFault(
            "fin des identités coupée ou remplacée",
            f"le scellé {anchor.identities.number}, noté le {anchor.noted_at}, n’y est plus",
        )


def accept_heads() -> Anchor:
    """Take the chains as they are for the true ones, after a restore; the act is journaled."""
    record(act=Act.JOURNAL_ANCHORED, details={"count": _head_of_events().number})
    keep_anchor(is_forced=True)
    anchor = read_anchor()
    if anchor is None:
        raise AssertionError("it was just written")
    return anchor


def mail_heads() -> None:
    """Send the heads to the operators (`OPERATOR_EMAILS`), who keep them elsewhere."""
    anchor = read_anchor()
    if anchor is None or not settings.ADMINS:
        return
    mail_admins(
        "Repère quotidien du journal",
        "Gardez ce message : il prouve jusqu’où allait le journal.\n\n"
        f"Noté le {anchor.noted_at}\n"
        f"Événements : scellé {anchor.events.number}, {anchor.events.hash}\n"
        f"Identités : scellé {anchor.identities.number}, {anchor.identities.hash}\n",
    )


def _head_of_events() -> Head:
    last = JournalSeal.objects.order_by("-number").only("number", "hash").first()
    if last is not None:
        return Head(last.number, bytes(last.hash).hex())
    state = JournalState.objects.get()
    return Head(state.purged_number, bytes(state.purged_hash).hex())


def _head_of_identities() -> Head:
    last = IdentitySeal.objects.order_by("-number").only("number", "hash").first()
    return Head(last.number, bytes(last.hash).hex()) if last is not None else Head()


def _holds(seals: Any, head: Head) -> bool:
    seal = seals.only("hash").first()
    return seal is not None and bytes(seal.hash).hex() == head.hash


def _write(anchor: Anchor) -> None:
    """Replace the file whole: a reader sees the former one or this one."""
    said = {name: value for name, value in asdict(anchor).items() if name != "is_genuine"}
    key = current_key(KeyRole.JOURNAL_CHAIN)
    kept = said | {"key": key.id.hex(), "signature": keyed_digest(key, _text(said)).hex()}
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        json.dump(kept, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)


def _text(said: dict[str, Any]) -> bytes:
    return b"anchor|" + json.dumps(said, sort_keys=True, separators=(",", ":")).encode("utf-8")


def _path() -> Path:
    return Path(settings.JOURNAL_ANCHOR)
