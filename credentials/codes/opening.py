"""Opening the activation codes of many accounts: only a worker can."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from itertools import repeat
from operator import itemgetter
from typing import Final

from django.db import connection

from ent.sealing.boxes import BoxOpener, SealError
from ent.sealing.keys import UnknownKeyError
from signin.one_time_codes import display

_KEPT_OPENERS: Final = 32
_BOX: Final = itemgetter(1)

SealedCode = tuple[int, bytes, int, bytes, int]
"""Batch, box, the caller's own number, the account's 16 bytes, generation: a plain tuple, because
a file has tens of thousands."""


class CodeOpener:
    """Opens sealed codes, keeping the openers of the last batches: an import seals thousands in
    each.
    """

    def __init__(self) -> None:
        self._openers: OrderedDict[int, BoxOpener] = OrderedDict()

    def open(self, sealed: Iterable[SealedCode]) -> Iterator[tuple[int, str | None]]:
        """Yield the caller's number and the code as it is printed, batch by batch.

        Boxes are opened in the order of their sealing, which is the quick way. None stands for a
        box that was moved, altered, or of a retired key: the others are printed (T-F1b).
        """
        batches: dict[int, list[SealedCode]] = defaultdict(list)
        for code in sealed:
            batches[code[0]].append(code)
        self._prepare(set(batches))
        for batch_id, codes in batches.items():
            codes.sort(key=_BOX)
            opener = self._openers.get(batch_id)
            opened: Iterable[bytes | None] = repeat(None, len(codes))
            if opener is not None:
                opened = opener.open_many([(box, uid, gen) for _, box, _, uid, gen in codes])
            for code, plain in zip(codes, opened, strict=True):
                yield code[2], None if plain is None else display(plain.decode("ascii"))

    def _prepare(self, batch_ids: set[int]) -> None:
        for batch_id in batch_ids & self._openers.keys():
            self._openers.move_to_end(batch_id)
        missing = sorted(batch_ids - self._openers.keys())
        if missing:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT id, header FROM accounts_sealingbatchrow WHERE id = ANY(%s)", [missing]
                )
                for batch_id, header in cursor.fetchall():
                    try:
                        self._openers[batch_id] = BoxOpener(header)
                    except (SealError, UnknownKeyError):
                        continue
        while len(self._openers) > max(_KEPT_OPENERS, len(batch_ids)):
            self._openers.popitem(last=False)
