"""Opening the activation codes of many accounts: only a worker can."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection

from ent.sealing.boxes import BoxOpener, SealError
from ent.sealing.codes import display
from ent.sealing.keys import UnknownKeyError

_KEPT_OPENERS: Final = 32


@dataclass(frozen=True, slots=True)
class SealedCode:
    """A code as the database has it."""

    account_id: int
    account_uuid: UUID
    generation: int
    batch_id: int
    box: bytes


class CodeOpener:
    """Opens sealed codes, keeping the openers of the last batches."""

    def __init__(self) -> None:
        self._openers: dict[int, BoxOpener] = {}

    def open(self, sealed: Iterable[SealedCode]) -> dict[int, str]:
        """Return account → code as it is printed; a box that does not open is not in it (T-F1b)."""
        in_order = sorted(sealed, key=lambda code: (code.batch_id, code.box))
        self._prepare({code.batch_id for code in in_order})
        opened = {}
        for code in in_order:
            opener = self._openers.get(code.batch_id)
            if opener is None:
                continue
            try:
                plain = opener.open(code.box, account=code.account_uuid, generation=code.generation)
            except SealError:
                continue
            opened[code.account_id] = display(plain.decode("ascii"))
        return opened

    def _prepare(self, batch_ids: set[int]) -> None:
        missing = sorted(batch_ids - self._openers.keys())
        if not missing:
            return
        if len(self._openers) + len(missing) > _KEPT_OPENERS:
            self._openers = {key: self._openers[key] for key in batch_ids & self._openers.keys()}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, header FROM accounts_sealingbatchrow WHERE id = ANY(%s)", [missing]
            )
            for batch_id, header in cursor.fetchall():
                try:
                    self._openers[batch_id] = BoxOpener(header)
                except (SealError, UnknownKeyError):
                    continue
