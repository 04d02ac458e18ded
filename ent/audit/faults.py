"""What a verification of the journal finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChainFault:
    """One fault of the journal: what, and on which line or link."""

    what: str
    where: str

    def __str__(self) -> str:
        return f"{self.what} : {self.where}"
