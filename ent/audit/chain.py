"""The chain of the journal: what was committed is sealed, what is removed or altered is found.

Sealing runs after the commits, each minute: a chain inside the acts' transactions would make every
writer wait for the longest one. Each event knows its transaction; every transaction before the
oldest one that still runs in this database has ended, so the events between the last limit and the
new one are all there and none can be added: the batch is exact, whatever the order of the commits.

A link covers its month, its number, the hash of the link before it, and for each event an
identifier and a digest; it is an HMAC under a key that only workers hold. Identities have a chain
of their own (`ent.audit.identities`). The heads of both go outside the database, to a file of the
worker, to the log and to the operators' mail (`ent.audit.anchor`).
"""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, date

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from ent.audit.anchor import compare_with_anchor, keep_anchor, read_anchor
from ent.audit.faults import ChainFault
from ent.audit.identities import seal_identities, verify_identities
from ent.audit.models import AuditEvent, JournalSeal, JournalState
from ent.audit.partitions import add_months, month_of, month_start
from ent.sealing.hashing import keyed_digest
from ent.sealing.keys import KeyRole, UnknownKeyError, current_key, key_by_id

DIGEST_BYTES = 32
_BATCH = 5_000
logger = logging.getLogger(__name__)


def seal_journal() -> int:
    """Seal the events and identities of the finished transactions; return how many events.

    What was sealed is noted outside the database (`ent.audit.anchor`) once it is committed.
    """
    with transaction.atomic():
        state = JournalState.objects.select_for_update().get()
        limit = _oldest_running_transaction()
        seal_identities(state, limit)
        sealed = 0
        if state.transaction_id > limit:
            # Another server's numbers: the database was restored from a backup.
            sealed += _seal_all(AuditEvent.objects.filter(transaction_id__gte=state.transaction_id))
            state.transaction_id = 0
            state.floor_id = _greatest_id(limit)
        sealed += _seal_all(
            AuditEvent.objects.filter(
                transaction_id__gte=state.transaction_id,
                transaction_id__lt=limit,
                pk__gt=state.floor_id,
            )
        )
        state.transaction_id = limit
        state.save(update_fields=["transaction_id", "floor_id", "identity_floor"])
    keep_anchor()
    return sealed


def verify_journal(*, with_anchor: bool = True) -> Iterator[ChainFault]:
    """Find every line that was removed, altered or slipped in, and every broken link.

    The chain is compared with the head that this machine noted last: what was cut off its end would
    else verify as whole. *with_anchor* is false for a copy that is older than that.
    """
    anchor = read_anchor() if with_anchor else None
    state = JournalState.objects.get()
    if anchor is not None:
        yield from compare_with_anchor(anchor)
    previous, number = bytes(state.purged_hash), state.purged_number
    for seal in JournalSeal.objects.order_by("number").iterator(chunk_size=50):
        if seal.number != number + 1:
            yield ChainFault("scellés manquants", f"entre {number} et {seal.number}")
        elif bytes(seal.previous) != previous:
            yield ChainFault("chaîne rompue", f"scellé {seal.number}")
        if _link_hash(seal) != bytes(seal.hash):
            yield ChainFault("scellé altéré", f"scellé {seal.number}")
        yield from _verify_events(seal)
        previous, number = bytes(seal.hash), seal.number
    for event_id in _unsealed_events(state):
        yield ChainFault("ligne ajoutée hors du scellement", f"événement {event_id}")
    yield from verify_identities(state)


def forget_purged_seals(*, before: date) -> int:
    """Delete the links of the months that are gone, keeping what the next one hangs on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_forget_seals(%s)", [before])
        (count,) = cursor.fetchone() or (0,)
        return int(count)


def event_digest(event: AuditEvent) -> bytes:
    """Return the digest of all that an event says."""
    said = [
        event.pk,
        str(event.uuid),
        event.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.act,
        event.outcome,
        str(event.actor_pseudonym or ""),
        str(event.subject_pseudonym or ""),
        event.school_uai,
        event.authority_code,
        str(event.address or ""),
        event.door,
        event.device,
        event.details,
    ]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).digest()


def _seal_all(events: QuerySet[AuditEvent]) -> int:
    """Add links for these events, month by month, a few thousand events a link."""
    last = JournalSeal.objects.order_by("-number").only("number", "hash").first()
    if last is None:
        state = JournalState.objects.get()
        number, previous = state.purged_number, bytes(state.purged_hash)
    else:
        number, previous = last.number, bytes(last.hash)
    count = 0
    rows = events.order_by("occurred_at", "id").iterator(chunk_size=_BATCH)
    for month, in_month in itertools.groupby(rows, key=lambda event: month_of(event.occurred_at)):
        for batch in _batches(in_month):
            number += 1
            seal = JournalSeal(
                number=number,
                month=month,
                event_ids=[event.pk for event in batch],
                digests=b"".join(event_digest(event) for event in batch),
                previous=previous,
                key_id=current_key(KeyRole.JOURNAL_CHAIN).id.hex(),
            )
            previous = seal.hash = _link_hash(seal)
            seal.save(force_insert=True)
            count += len(batch)
    if count:
        logger.info("journal sealed up to link %d: %s", number, previous.hex())
    return count


def _batches(events: Iterable[AuditEvent]) -> Iterator[list[AuditEvent]]:
    events = iter(events)
    while batch := list(itertools.islice(events, _BATCH)):
        yield batch


def _link_hash(seal: JournalSeal) -> bytes:
    try:
        key = key_by_id(KeyRole.JOURNAL_CHAIN, bytes.fromhex(seal.key_id))
    except (UnknownKeyError, ValueError):
        return b""
    ids = b"".join(event_id.to_bytes(8, "big") for event_id in seal.event_ids)
    head = f"{seal.number}|{seal.month.isoformat()}|{len(seal.event_ids)}|".encode("ascii")
    return keyed_digest(key, head + bytes(seal.previous) + ids + bytes(seal.digests))


def _verify_events(seal: JournalSeal) -> Iterator[ChainFault]:
    found = {
        event.pk: event_digest(event)
        for event in AuditEvent.objects.filter(
            occurred_at__gte=month_start(seal.month),
            occurred_at__lt=month_start(add_months(seal.month, 1)),
            pk__in=seal.event_ids,
        )
    }
    digests = bytes(seal.digests)
    for position, event_id in enumerate(seal.event_ids):
        wanted = digests[position * DIGEST_BYTES : (position + 1) * DIGEST_BYTES]
        if event_id not in found:
            yield ChainFault("ligne supprimée", f"événement {event_id} (scellé {seal.number})")
        elif found[event_id] != wanted:
            yield ChainFault("ligne altérée", f"événement {event_id} (scellé {seal.number})")


def _unsealed_events(state: JournalState) -> list[int]:
    """Return the events that should be in a link and are in none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT event.id FROM audit_auditevent AS event
             WHERE (event.transaction_id < %s OR event.id <= %s)
               AND NOT EXISTS (
                     SELECT FROM audit_journalseal AS seal, unnest(seal.event_ids) AS sealed(id)
                      WHERE sealed.id = event.id)
             ORDER BY event.id LIMIT 100
            """,
            [state.transaction_id, state.floor_id],
        )
        return [event_id for (event_id,) in cursor.fetchall()]


def _oldest_running_transaction() -> int:
    """Return the number below which every transaction of this database has ended.

    Transactions of other databases on the same server are left out, but only those that a lock
    shows to be foreign: in doubt one waits.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH now AS MATERIALIZED (SELECT pg_current_snapshot() AS snapshot),
            elsewhere AS (
                SELECT held.transactionid::text::bigint AS number
                  FROM pg_locks AS held JOIN pg_stat_activity AS session USING (pid)
                 WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock'
                   AND held.granted AND session.datname <> current_database())
            SELECT coalesce(
                       (SELECT min(running::text::bigint)
                          FROM pg_snapshot_xip(now.snapshot) AS running
                         WHERE running::text::bigint & 4294967295
                               NOT IN (SELECT number FROM elsewhere)),
                       pg_snapshot_xmax(now.snapshot)::text::bigint)
              FROM now
            """
        )
        (limit,) = cursor.fetchone() or (0,)
        return int(limit)


def _greatest_id(limit: int) -> int:
    """Return the last event whose transaction number this server has not reached yet."""
    greatest = AuditEvent.objects.filter(transaction_id__gte=limit).aggregate(last=Max("id"))
    return int(greatest["last"] or 0)
