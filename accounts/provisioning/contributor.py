"""What ``accounts`` does within an import (see :mod:`directory.imports.extension`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from accounts.enums import AccountKind, AccountState
from accounts.models import Door
from accounts.provisioning.logins import assign_logins
from accounts.provisioning.sealing import (
    BESIDE_FROM,
    FIRST_GENERATION,
    SealingBeside,
    count_sealed,
    create_tables,
    seal,
)
from accounts.services.access_state import SHOWN_STATE
from accounts.services.doors import open_standard_doors
from directory.imports.references import Reference

if TYPE_CHECKING:
    from directory.imports.runs import ImportRun


class AccountContributor:
    """Logins and codes in staging, then three INSERTs inside the transaction."""

    name = "accounts"
    references = (Reference("accounts_new", "person_id", "directory_person"),)
    filled = ("accounts_activationcode", "accounts_account")

    def begin(self, run: ImportRun) -> None:
        """Where everybody is new, start sealing beside the comparison."""
        create_tables(run.schema)
        expected = sum(
            run.counts.objects.get(category, 0) for category in ("Eleve", "PersRelEleve")
        )
        is_worth_it = run.is_first and not run.is_preview and expected >= BESIDE_FROM
        if is_worth_it and not connection.in_atomic_block:
            run.kept[self.name] = SealingBeside(run.schema, expected)

    def prepare(self, run: ImportRun) -> None:
        """Draw ids, give logins, seal a code for each local account."""
        schema = run.schema
        run.progress("Attribution des identifiants", 0, 0)
        assign_logins(schema)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {schema}.account_wanted_done")
            cursor.execute(
                f"""CREATE UNLOGGED TABLE {schema}.account_wanted_done AS
                SELECT w.person_id, w.person_uuid, w.is_new, w.rid, w.login_base, w.is_academic,
                    n.login, '{AccountState.PENDING.value}'::text AS access_state
                FROM {schema}.account_wanted w
                JOIN {schema}.accounts_new n ON n.person_id = w.person_id"""
            )
            cursor.execute(f"DROP TABLE {schema}.account_wanted")
            cursor.execute(f"ALTER TABLE {schema}.account_wanted_done RENAME TO account_wanted")
            cursor.execute(f"ANALYZE {schema}.account_wanted")
            cursor.execute(f"SELECT coalesce(max(local_nth), 0) FROM {schema}.accounts_new")
            (wanted,) = cursor.fetchone()
        self._seal(run, wanted)

    def _seal(self, run: ImportRun, wanted: int) -> None:
        """Have *wanted* codes ready: those sealed beside, and what lacks."""
        title = "Scellement des codes d’activation"
        run.progress(title, 0, wanted)
        beside: SealingBeside | None = run.kept.pop(self.name, None)
        if beside is not None:
            beside.wait()
        ready = count_sealed(run.schema)
        if ready < wanted:
            connection.ensure_connection()
            seal(
                connection.connection,
                run.schema,
                first=ready + 1,
                count=wanted - ready,
                told=lambda done: run.progress(title, done, wanted),
            )
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {run.schema}.accounts_sealed")

    def apply(self, run: ImportRun) -> dict[str, int]:
        """Accounts, batches and codes of the people just created; the authority's first doors."""
        if not Door.objects.filter(authority=run.authority).exists():
            open_standard_doors(authority=run.authority)
        schema = run.schema
        run.progress("Création des comptes", 0, 0)
        with connection.cursor() as cursor:
            cursor.execute(
                f"""INSERT INTO accounts_account (id, uuid, person_id, login, password, kind, state,
                    must_choose_password, code_generation, epoch, is_operator, created_at)
                SELECT n.account_id, coalesce(s.account_uuid, gen_random_uuid()), n.person_id,
                    n.login, '',
                    CASE WHEN is_academic THEN '{AccountKind.ACADEMIC.value}'
                         ELSE '{AccountKind.LOCAL.value}' END,
                    '{AccountState.PENDING.value}', false,
                    CASE WHEN is_academic THEN 0 ELSE {FIRST_GENERATION} END, 0, false, now()
                FROM {schema}.accounts_new n LEFT JOIN {schema}.accounts_sealed s
                  ON s.nth = n.local_nth AND NOT n.is_academic"""
            )
            created = cursor.rowcount
            cursor.execute(
                f"""INSERT INTO accounts_sealingbatchrow (id, header, created_at)
                SELECT id, header, now() FROM {schema}.accounts_batch b
                WHERE b.id IN (SELECT batch_id FROM {schema}.accounts_sealed
                    WHERE nth <= (SELECT max(local_nth) FROM {schema}.accounts_new))"""
            )
            run.progress("Enregistrement des codes scellés", 0, 0)
            cursor.execute(
                f"""INSERT INTO accounts_activationcode (account_id, generation, batch_id, box,
                    verifier, created_at, expires_at)
                SELECT n.account_id, {FIRST_GENERATION}, s.batch_id, s.box, s.verifier, now(),
                    now() + %s * interval '1 day'
                FROM {schema}.accounts_new n JOIN {schema}.accounts_sealed s
                  ON s.nth = n.local_nth AND NOT n.is_academic""",
                [settings.ACTIVATION_CODE_DAYS],
            )
            return {"accounts_created": created, "codes_sealed": cursor.rowcount}

    def announce(self, run: ImportRun) -> dict[str, int]:
        """Show login and state on the people who were known before they got an account.

        A guardian who is now a contact shows no access any more, and the account's own state again
        when legal responsibility returns; the account itself is never touched.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE directory_person p SET login = n.login, access_state = n.state
                FROM (SELECT person_id, login, '{AccountState.PENDING.value}' AS state
                      FROM {run.schema}.accounts_new WHERE NOT is_new ORDER BY person_id) n
                WHERE p.id = n.person_id"""
            )
            cursor.execute(
                f"""UPDATE directory_person p SET access_state = {SHOWN_STATE}
                FROM accounts_account a, (
                    SELECT person_id FROM {run.schema}.upd_guardian
                    UNION SELECT person_id FROM {run.schema}.upd_person ORDER BY 1) g
                WHERE p.id = g.person_id AND a.person_id = p.id
                  AND p.access_state <> {SHOWN_STATE}"""
            )
        return {}
