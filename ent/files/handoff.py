"""Handing a file over to one session, for ten minutes.

1. The web makes a one-time key pair, keeps the public half in a row, gives the private half to the
   browser as a cookie, and asks for a job.
2. The worker checks the right again, applies the ceiling, journals, and seals the file's key to the
   public half.
3. The same session of the same browser comes back with its cookie; the web opens the key, streams
   the file, journals, and forgets.

Why a cookie and not the session's row: that row is in the same database as the sealed key, so a
dump taken in those ten minutes would open the file. Split this way, neither the database nor the
cookie opens anything alone, and the derivation binds both to the session.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from ent.audit.enums import Act, Outcome
from ent.audit.models import AuditEvent
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.files.models import FileHandoff, StoredFile
from ent.files.purposes import get_purpose
from ent.files.reading import file_key, stream
from ent.files.services import delete_stored_file
from ent.jobs.errors import JobFailed
from ent.jobs.models import Job
from ent.jobs.services import enqueue
from ent.sealing.boxes import SealError
from ent.sealing.hashing import keyed_hash, keyed_hashes
from ent.sealing.keys import KeyRole
from ent.sealing.wrapping import new_key_pair, unwrap, wrap

VALIDITY = timedelta(minutes=10)
HAND_OVER = "files.hand_over"


class HandoffError(Exception):
    """Nothing to open here: unknown, expired, of another session. One answer for all of them."""


@dataclass(frozen=True, slots=True, repr=False)
class HandoffTicket:
    """What the web gets when it asks: the row, the browser's secret, the job to follow."""

    handoff: FileHandoff
    secret: str
    job: Job


@dataclass(frozen=True, slots=True)
class FileContent:
    """An opened file: its row and its stream."""

    file: StoredFile
    chunks: Iterator[bytes]


def request_handoff(*, file: StoredFile, actor: UUID, session_key: str) -> HandoffTicket:
    """Ask a worker to hand the file over to this session.

    The caller has found the file in the actor's perimeter; the worker checks the right once more.
    """
    private, public = new_key_pair()
    with transaction.atomic():
        handoff = FileHandoff.objects.create(
            file=file,
            actor=actor,
            session_hash=_session_hash(session_key),
            public_key=public,
            expires_at=timezone.now() + VALIDITY,
        )
        job = enqueue(
            kind=HAND_OVER,
            params={"handoff": handoff.uuid},
            actor=actor,
            school_uai=file.school_uai,
            authority_code=file.authority_code,
        )
    return HandoffTicket(
        handoff, base64.urlsafe_b64encode(private).decode("ascii").rstrip("="), job
    )


def hand_over(*, handoff_uuid: UUID) -> None:
    """Seal the file's key to the session that asked (worker); journaled, refused or not."""
    handoff = (
        FileHandoff.objects.select_related("file")
        .filter(uuid=handoff_uuid, expires_at__gt=timezone.now())
        .first()
    )
    if handoff is None or handoff.file.expires_at <= timezone.now():
        raise JobFailed("Cette demande n’est plus valable. Demandez à nouveau le téléchargement.")
    if refusal := _refusal(handoff):
        raise JobFailed(refusal)
    handoff.wrapped_key = wrap(
        file_key(handoff.file), public_key=bytes(handoff.public_key), context=_context(handoff)
    )
    handoff.expires_at = timezone.now() + VALIDITY
    handoff.save(update_fields=["wrapped_key", "expires_at"])


def open_handoff(
    *, handoff_uuid: UUID, actor: UUID, session_key: str, secret: str, origin: Origin | None = None
) -> FileContent:
    """Open a file that was handed over to this session; each opening is journaled.

    Raises `HandoffError`, always the same, which a view answers as "does not exist".
    """
    handoff = (
        FileHandoff.objects.select_related("file")
        .filter(
            uuid=handoff_uuid,
            actor=actor,
            session_hash__in=keyed_hashes(KeyRole.SESSION_HASH, _session_value(session_key)),
            wrapped_key__isnull=False,
            expires_at__gt=timezone.now(),
            file__expires_at__gt=timezone.now(),
        )
        .first()
    )
    if handoff is None:
        raise HandoffError
    try:
        private = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
        key = unwrap(
            bytes(handoff.wrapped_key or b""), private_key=private, context=_context(handoff)
        )
    except (SealError, ValueError, binascii.Error):
        raise HandoffError from None
    _journal(handoff, Act.FILE_DOWNLOADED, origin=origin)
    return FileContent(handoff.file, _given(handoff, stream(handoff.file, key)))


def _given(handoff: FileHandoff, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Stream the file; one that is given once goes when its last byte has left, and not before.

    A server asks for more only after it has sent what it got: a visitor who hangs up leaves the
    file where it is.
    """
    yield from chunks
    after_download = get_purpose(handoff.file.purpose).after_download
    if after_download is not None:
        with transaction.atomic():
            after_download(handoff.file, handoff.actor)
            delete_stored_file(uuid=handoff.file.uuid)


def _refusal(handoff: FileHandoff) -> str:
    """Return why the file is not handed over, "" when it is; journal either.

    One at a time for each person, so that simultaneous requests are all counted.
    """
    purpose = get_purpose(handoff.file.purpose)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"files.hand_over:{handoff.actor}"],
            )
        if not purpose.may_download(handoff.file, handoff.actor):
            _journal(handoff, Act.FILE_HANDED_OVER, outcome=Outcome.REFUSED)
            return "Vous n’avez pas accès à ce fichier, ou vous n’y avez plus accès."
        handed = (
            AuditEvent.objects.by(handoff.actor)
            .of_acts([Act.FILE_HANDED_OVER])
            .filter(outcome=Outcome.SUCCESS)
            .since(timezone.now() - timedelta(hours=1))
            .count()
        )
        if handed >= purpose.per_hour:
            _journal(handoff, Act.CEILING_REACHED, outcome=Outcome.REFUSED)
            return (
                f"Vous avez déjà téléchargé {handed} fichiers en une heure, c’est le plafond. "
                "Réessayez plus tard."
            )
        ask = purpose.refuse_opening
        if ask is not None and (reason := ask(handoff.file, handoff.actor)):
            _journal(handoff, Act.CEILING_REACHED, outcome=Outcome.REFUSED)
            return reason
        _journal(handoff, Act.FILE_HANDED_OVER)
    return ""


def _journal(
    handoff: FileHandoff,
    act: Act,
    *,
    outcome: Outcome = Outcome.SUCCESS,
    origin: Origin | None = None,
) -> None:
    record(
        act=act,
        actor=handoff.actor,
        school_uai=handoff.file.school_uai,
        authority_code=handoff.file.authority_code,
        outcome=outcome,
        origin=origin,
        details={"file": handoff.file.uuid, "kind": handoff.file.purpose},
    )


def _session_value(session_key: str) -> bytes:
    return b"file hand-off:" + session_key.encode("utf-8")


def _session_hash(session_key: str) -> bytes:
    if not session_key:
        raise ValueError("a hand-off belongs to a session")
    return keyed_hash(KeyRole.SESSION_HASH, _session_value(session_key))


def _context(handoff: FileHandoff) -> bytes:
    return handoff.uuid.bytes + handoff.file.uuid.bytes + bytes(handoff.session_hash)
