"""Sealing activation codes again under the current keys, after a rotation (a worker's work).

What is printed does not change: same codes, same generations, same dates. Only the box and the
verifier are made afresh, so that the former keys can be retired.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.activation.models import SealingBatchRow
from ent.sealing.boxes import BoxOpener, SealError, SealingBatch, is_current
from ent.sealing.keys import KEY_ID_BYTES, KeyRole, UnknownKeyError, current_key
from signin.one_time_codes import verifiers

logger = logging.getLogger(__name__)
_CHUNK_CODES = 5_000

LOCK_CHUNK = f"""
    SELECT code.account_id, account.uuid, code.generation, code.box, code.batch_id
      FROM accounts_activationcode code
      JOIN accounts_account account ON account.id = code.account_id
     WHERE code.account_id > %(after)s
       AND (code.batch_id = ANY(%(former)s)
            OR substring(code.verifier FROM 1 FOR {KEY_ID_BYTES}) <> %(verifier_key)s)
     ORDER BY code.account_id
     LIMIT {_CHUNK_CODES}
       FOR UPDATE OF code
"""  # noqa: S608 - our own constants

_REPLACE = """
    UPDATE accounts_activationcode code
       SET batch_id = %s, box = fresh.box, verifier = fresh.verifier
      FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS fresh (account_id, box, verifier)
     WHERE code.account_id = fresh.account_id
"""

_DROP_EMPTY = """
    DELETE FROM accounts_sealingbatchrow batch
     WHERE id = ANY(%s)
       AND NOT EXISTS (SELECT 1 FROM accounts_activationcode WHERE batch_id = batch.id)
"""

#: Account, its UUID, the generation of its code, the box, the batch of the box.
_Sealed = tuple[int, UUID, int, bytes, int]


def reseal_activation_codes() -> int:
    """Seal again each code whose box or verifier is under a former key; return how many.

    One transaction per chunk: whoever stops it keeps what is done, and the next run goes on with
    the rest. Codes are locked in the order of their accounts, like those who issue them do. A code
    that does not open (altered, or of a key already retired) stays as it is: the credential file
    names it and « Réémettre » replaces it. An import that is under way brings codes sealed under
    the keys that it began with: run this again after it.
    """
    former = _former_batches()
    openers: dict[int, BoxOpener | None] = {}
    count = after = 0
    while True:
        with transaction.atomic():
            chunk = _lock_chunk(after=after, former=former)
            if not chunk:
                break
            after = chunk[-1][0]
            count += _seal_again(chunk, openers)
    with connection.cursor() as cursor:
        cursor.execute(_DROP_EMPTY, [former])
    return count


def _former_batches() -> list[int]:
    rows = SealingBatchRow.objects.order_by("id").values_list("id", "header").iterator()
    return [batch_id for batch_id, header in rows if not is_current(header)]


def _lock_chunk(*, after: int, former: list[int]) -> list[_Sealed]:
    with connection.cursor() as cursor:
        cursor.execute(
            LOCK_CHUNK,
            {
                "after": after,
                "former": former,
                "verifier_key": current_key(KeyRole.CODE_VERIFIER).id,
            },
        )
        rows: list[_Sealed] = cursor.fetchall()
    return rows


def _seal_again(chunk: list[_Sealed], openers: dict[int, BoxOpener | None]) -> int:
    """Open a chunk and close it in a batch of its own."""
    opened = _open(chunk, openers)
    if len(opened) < len(chunk):
        logger.warning("%d activation codes do not open: re-issue them", len(chunk) - len(opened))
    if not opened:
        return 0
    batch = SealingBatch.open_new()
    boxes = batch.seal_many((code, account, generation) for _, account, generation, code in opened)
    marks = verifiers(
        (code.decode("ascii"), account, generation) for _, account, generation, code in opened
    )
    row = SealingBatchRow.objects.create(header=batch.header, created_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            _REPLACE, [row.pk, [account_id for account_id, *_ in opened], list(boxes), list(marks)]
        )
        return int(cursor.rowcount)


def _open(
    chunk: list[_Sealed], openers: dict[int, BoxOpener | None]
) -> list[tuple[int, UUID, int, bytes]]:
    """Return the codes that open, those of one batch in the order of their sealing."""
    by_batch: dict[int, list[_Sealed]] = defaultdict(list)
    for sealed in chunk:
        by_batch[sealed[4]].append(sealed)
    opened = []
    for batch_id, boxes in by_batch.items():
        opener = _opener(batch_id, openers)
        if opener is None:
            continue
        for account_id, account, generation, box, _ in sorted(boxes, key=lambda one: one[3]):
            try:
                code = opener.open(box, account=account, generation=generation)
            except SealError:
                continue
            opened.append((account_id, account, generation, code))
    return sorted(opened)


def _opener(batch_id: int, openers: dict[int, BoxOpener | None]) -> BoxOpener | None:
    """Return the opener of a batch, None when its key is gone."""
    if batch_id not in openers:
        header = SealingBatchRow.objects.values_list("header", flat=True).get(pk=batch_id)
        try:
            openers[batch_id] = BoxOpener(header)
        except (SealError, UnknownKeyError):
            openers[batch_id] = None
    return openers[batch_id]
