"""The chain of identities: who bears which pseudonym, and who was erased.

Two rows of `AuditIdentity` that exchange their persons would put every line of one under the name
of the other. So each identity is sealed as it was made, and each erasure, by a keyed digest: the
chain holds nothing of a person, and whoever owns the database cannot compute it again.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC
from uuid import UUID

from django.db import connection
from django.db.models import Q

from ent.audit.faults import ChainFault
from ent.audit.models import AuditIdentity, IdentityErasure, IdentitySeal, JournalState
from ent.sealing.hashing import keyed_digest
from ent.sealing.keys import Key, KeyRole, UnknownKeyError, current_key, key_by_id

DIGEST_BYTES = 32
_BATCH = 5_000
logger = logging.getLogger(__name__)


def seal_identities(state: JournalState, limit: int) -> None:
    """Seal the identities and erasures that were written before the transaction *limit*.

    The caller holds the row of *state* and writes it.
    """
    if state.transaction_id > limit:
        # Another server's numbers: see `ent.audit.chain.seal_journal`.
        _seal_all(Q(transaction_id__gte=state.transaction_id, number__gt=state.identity_floor))
        state.identity_floor = _greatest_number(limit)
        since = 0
    else:
        since = state.transaction_id
    _seal_all(
        Q(transaction_id__gte=since, transaction_id__lt=limit, number__gt=state.identity_floor)
    )


def verify_identities(state: JournalState) -> Iterator[ChainFault]:
    """Find every identity that was changed, taken away or slipped in, and every broken link."""
    previous, number = bytes(DIGEST_BYTES), 0
    for seal in IdentitySeal.objects.order_by("number").iterator(chunk_size=50):
        where = f"scellé des identités {seal.number}"
        if seal.number != number + 1:
            yield ChainFault("scellés manquants", f"avant le {where}")
        elif bytes(seal.previous) != previous:
            yield ChainFault("chaîne rompue", where)
        key = _key_of(seal)
        if key is None or _link_hash(seal, key) != bytes(seal.hash):
            yield ChainFault("scellé altéré", where)
        else:
            yield from _verify_entries(seal, key)
        previous, number = bytes(seal.hash), seal.number
    for pseudonym in _unsealed(state):
        yield ChainFault("identité ajoutée hors du scellement", f"pseudonyme {pseudonym}")


def _seal_all(condition: Q) -> None:
    """Add links for the identities and erasures that meet the condition, oldest first."""
    key = current_key(KeyRole.JOURNAL_CHAIN)
    last = IdentitySeal.objects.order_by("-number").only("number", "hash").first()
    number, previous = (last.number, bytes(last.hash)) if last else (0, bytes(DIGEST_BYTES))
    count = 0
    for batch in _batches(_entries(condition, key)):
        number += 1
        seal = IdentitySeal(
            number=number,
            pseudonyms=[pseudonym for pseudonym, _ in batch],
            digests=b"".join(digest for _, digest in batch),
            previous=previous,
            key_id=key.id.hex(),
        )
        previous = seal.hash = _link_hash(seal, key)
        seal.save(force_insert=True)
        count += len(batch)
    if count:
        logger.info("identities sealed up to link %d: %s", number, previous.hex())


def _entries(condition: Q, key: Key) -> Iterator[tuple[UUID, bytes]]:
    """Return (pseudonym, digest) of identities, then of erasures."""
    made = AuditIdentity.objects.filter(condition).order_by("number")
    for identity in made.iterator(chunk_size=_BATCH):
        yield identity.pseudonym, identity_digest(identity, key)
    erased = IdentityErasure.objects.filter(condition).order_by("number")
    for pseudonym in erased.values_list("pseudonym", flat=True).iterator(chunk_size=_BATCH):
        yield pseudonym, erasure_digest(pseudonym, key)


def identity_digest(identity: AuditIdentity, key: Key) -> bytes:
    """Return the keyed digest of all that an identity says."""
    made_at = identity.created_at.astimezone(UTC).isoformat(timespec="microseconds")
    said = identity.pseudonym.bytes + identity.person_uuid.bytes + made_at.encode("ascii")
    return keyed_digest(key, b"identity:" + said)


def erasure_digest(pseudonym: UUID, key: Key) -> bytes:
    """Return the keyed digest of an erasure."""
    return keyed_digest(key, b"erasure:" + pseudonym.bytes)


def _verify_entries(seal: IdentitySeal, key: Key) -> Iterator[ChainFault]:
    found = AuditIdentity.objects.in_bulk(seal.pseudonyms)
    erased = IdentityErasure.objects.in_bulk(seal.pseudonyms)
    digests = bytes(seal.digests)
    for position, pseudonym in enumerate(seal.pseudonyms):
        digest = digests[position * DIGEST_BYTES : (position + 1) * DIGEST_BYTES]
        what = _fault_of(pseudonym, digest, found.get(pseudonym), pseudonym in erased, key)
        if what:
            yield ChainFault(what, f"pseudonyme {pseudonym} (scellé des identités {seal.number})")


def _fault_of(
    pseudonym: UUID, digest: bytes, identity: AuditIdentity | None, is_erased: bool, key: Key
) -> str:
    if digest == erasure_digest(pseudonym, key):
        if identity is not None:
            return "identité rétablie après son effacement"
        return "" if is_erased else "effacement supprimé"
    if identity is None:
        return "" if is_erased else "identité supprimée"
    return "" if digest == identity_digest(identity, key) else "identité altérée"


def _batches(entries: Iterable[tuple[UUID, bytes]]) -> Iterator[list[tuple[UUID, bytes]]]:
    entries = iter(entries)
    while batch := list(itertools.islice(entries, _BATCH)):
        yield batch


def _link_hash(seal: IdentitySeal, key: Key) -> bytes:
    pseudonyms = b"".join(pseudonym.bytes for pseudonym in seal.pseudonyms)
    head = f"identities|{seal.number}|{len(seal.pseudonyms)}|".encode("ascii")
    return keyed_digest(key, head + bytes(seal.previous) + pseudonyms + bytes(seal.digests))


def _key_of(seal: IdentitySeal) -> Key | None:
    try:
        return key_by_id(KeyRole.JOURNAL_CHAIN, bytes.fromhex(seal.key_id))
    except (UnknownKeyError, ValueError):
        return None


def _greatest_number(limit: int) -> int:
    """Return the last number whose transaction this server has not reached yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(max(number), 0) FROM (
                SELECT number FROM audit_auditidentity WHERE transaction_id >= %(limit)s
                UNION ALL
                SELECT number FROM audit_identityerasure WHERE transaction_id >= %(limit)s
            ) AS foreign_rows
            """,
            {"limit": limit},
        )
        (greatest,) = cursor.fetchone() or (0,)
        return int(greatest)


def _unsealed(state: JournalState) -> list[UUID]:
    """Return a hundred identities that should be in a link and are in none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pseudonym FROM audit_auditidentity
             WHERE transaction_id < %s OR number <= %s
            EXCEPT
            SELECT unnest(pseudonyms) FROM audit_identityseal
             LIMIT 100
            """,
            [state.transaction_id, state.identity_floor],
        )
        return [pseudonym for (pseudonym,) in cursor.fetchall()]
