"""What ``accounts`` does within an import (see :mod:`directory.imports.contributors`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from accounts.doors.base.models import Door
from accounts.doors.base.standard import open_standard_doors
from accounts.provisioning.logins import assign_logins
from accounts.provisioning.numbering_turns import NumberingTurns
from accounts.provisioning.sealing import (
    BACKGROUND_FROM,
    FIRST_GENERATION,
    BackgroundSealing,
    count_sealed,
    create_tables,
    seal,
)
from accounts.provisioning.statements import ACCOUNTS_SQL
from accounts.session_ends.endings import end_dead_sessions
from directory.enums import Category
from directory.imports.contributors import Contributor, Reference
from directory.imports.sql.loader import TEMPORARY

if TYPE_CHECKING:
    from directory.imports.runs.state import ImportRun


class AccountContributor(Contributor):
    """Logins and codes in staging, then three INSERTs inside the transaction."""

    name = "accounts"
    references = (Reference("accounts_new", "person_id", "directory_person"),)
    filled_tables = ("accounts_activationcode", "accounts_account")

    def __init__(self) -> None:
        self._background: BackgroundSealing | None = None
        self._turns = NumberingTurns()

    def begin(self, run: ImportRun) -> None:
        """Where everybody is new, start sealing beside the comparison."""
        create_tables(run.schema)
        expected = sum(
            run.counts.objects.get(category, 0) for category in (Category.PUPIL, Category.GUARDIAN)
        )
        is_worth_it = (
            run.schema != TEMPORARY
            and run.is_first
            and not run.is_preview
            and expected >= BACKGROUND_FROM
        )
        if is_worth_it and not connection.in_atomic_block:
            self._background = BackgroundSealing(run.schema, expected)

    def prepare(self, run: ImportRun) -> None:
        """Draw ids, give logins, seal a code for each local account."""
        run.progress("Attribution des identifiants", 0, 0)
        self._turns.before_numbering()
        assign_logins(run.schema)
        with connection.cursor() as cursor:
            cursor.execute(_query(run, "take_logins"))
            cursor.execute(_query(run, "count_codes"))
            (wanted,) = cursor.fetchone()
        self._seal(run, wanted)

    def _seal(self, run: ImportRun, wanted: int) -> None:
        """Have *wanted* codes ready: those sealed beside, and what lacks."""
        title = "Scellement des codes d’activation"
        run.progress(title, 0, wanted)
        if self._background is not None:
            self._background.wait()
            self._background = None
        ready = count_sealed(run.schema)
        if ready < wanted:
            connection.ensure_connection()
            seal(
                connection.connection,
                run.schema,
                first=ready + 1,
                count=wanted - ready,
                progress=lambda done: run.progress(title, done, wanted),
            )
        with connection.cursor() as cursor:
            cursor.execute(_query(run, "analyze_sealed"))

    def apply(self, run: ImportRun) -> dict[str, int]:
        """Accounts, batches and codes of the people just created; the authority's first doors."""
        self._turns.before_writing()
        if not Door.objects.filter(authority=run.authority).exists():
            open_standard_doors(authority=run.authority)
        parameters = {"generation": FIRST_GENERATION, "days": settings.ACTIVATION_CODE_DAYS}
        run.progress("Création des comptes", 0, 0)
        with connection.cursor() as cursor:
            cursor.execute(_query(run, "create_accounts"), parameters)
            created = cursor.rowcount
            cursor.execute(_query(run, "create_batches"))
            run.progress("Enregistrement des codes scellés", 0, 0)
            cursor.execute(_query(run, "create_codes"), parameters)
            return {"accounts_created": created, "codes_sealed": cursor.rowcount}

    def end(self, run: ImportRun) -> None:
        """Let others give numbers."""
        self._turns.end()

    def announce(self, run: ImportRun) -> dict[str, int]:
        """Show login and state on the people who were known before they got an account.

        A guardian who is now a contact shows no access any more, and the account's own state again
        when legal responsibility returns; the account itself is never touched. Sessions of whoever
        left end in this transaction, with what hangs on them.
        """
        with connection.cursor() as cursor:
            cursor.execute(_query(run, "show_new"))
            cursor.execute(_query(run, "show_changed"))
        end_dead_sessions()
        return {}


def _query(run: ImportRun, name: str) -> str:
    return ACCOUNTS_SQL.query("accounts", name, schema=run.schema)
