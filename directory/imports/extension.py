"""Where higher rooms join an import: the one documented extension point.

A higher room registers a *contributor* in its ``AppConfig.ready``. For each import:

``begin(run)``     (optional) once the files are read, before the comparison: work that does not
                   need it may start beside it.
``prepare(run)``   before the transaction, in the order of registration. Reads the staging tables
                   listed in ``compare.py`` and may make its own in ``run.schema`` (unlogged, named
                   after the room). ``accounts`` fills ``account_wanted.login`` and
                   ``access_state`` here, draws ids, seals codes.
``apply(run)``     inside the transaction, after the new persons exist and before existing rows are
                   touched. SQL only, set-wise. Returns counters for the report.
``announce(run)``  inside the transaction, last: rows of work that must follow (``credentials``
                   writes its job rows). A signal after the commit only wakes workers.

A contributor may raise :class:`StaleStaging` in ``apply`` when what it prepared no longer holds
(a login was taken meanwhile): the run starts its comparison again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from directory.imports.runs import ImportRun


class StaleStaging(Exception):
    """The directory changed between staging and transaction: compare again."""


class Contributor(Protocol):
    """What a room gives to take part in imports."""

    name: str

    def prepare(self, run: ImportRun) -> None:
        """Prepare in staging."""

    def apply(self, run: ImportRun) -> dict[str, int]:
        """Write inside the transaction."""

    def announce(self, run: ImportRun) -> dict[str, int]:
        """Write the work that follows, inside the transaction."""


_contributors: dict[str, Contributor] = {}


def register(contributor: Contributor) -> None:
    """Register a room's contributor; registering the same name again replaces it."""
    _contributors[contributor.name] = contributor


def contributors() -> list[Contributor]:
    """In the order of registration, which is that of INSTALLED_APPS."""
    return list(_contributors.values())
