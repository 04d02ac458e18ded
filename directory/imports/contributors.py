"""Where higher rooms join an import: the one documented extension point.

A higher room registers a subclass of :class:`Contributor` in its ``AppConfig.ready``. Each run
makes one object of it and calls its methods, in the order in which they stand here; what a
contributor keeps between them stands in its own attributes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from directory.imports.runs.state import ImportRun


class StaleStaging(Exception):
    """The directory changed between staging and transaction: compare again."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows inserted from the staging table *source* refer to *target* by *column*."""

    source: str
    column: str
    target: str
    where: str = "true"


class Contributor:
    """What a room does within one import; a method that it leaves as it is does nothing.

    Staging tables stand in ``run.schema``; those of the comparison are listed in
    ``docs/formats/staging.md``. A room makes its own there, named after itself.
    """

    name: ClassVar[str]
    references: ClassVar[tuple[Reference, ...]] = ()
    """The foreign keys of the rows that :meth:`apply` inserts."""
    filled_tables: ClassVar[tuple[str, ...]] = ()
    """The tables into which a first import puts a row for most persons."""

    def begin(self, run: ImportRun) -> None:
        """Once the files are read: what does not need the comparison may start beside it."""

    def prepare(self, run: ImportRun) -> None:
        """Before the transaction, in the order of registration: work in staging."""

    def apply(self, run: ImportRun) -> dict[str, int]:
        """Inside the transaction, after new persons and before existing rows: set-wise SQL only.

        Returns numbers for the report. Raises :class:`StaleStaging` when what was prepared no
        longer holds (a login was taken meanwhile): the run then compares again.
        """
        return {}

    def end(self, run: ImportRun) -> None:
        """After the commit or the failure: give back what was held since :meth:`prepare`."""

    def announce(self, run: ImportRun) -> dict[str, int]:
        """Inside the transaction, last: rows of the work that follows; numbers for the report.

        A signal after the commit only wakes workers.
        """
        return {}


_registered: dict[str, type[Contributor]] = {}


def register(contributor: type[Contributor]) -> None:
    """Register a room's contributor; registering the same name again replaces it."""
    _registered[contributor.name] = contributor


def new_contributors() -> list[Contributor]:
    """Those of one run, in the order of registration, which is that of INSTALLED_APPS."""
    return [contributor() for contributor in _registered.values()]
