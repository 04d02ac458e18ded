"""What ``accounts`` does within an import (see :mod:`directory.imports.extension`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import connection

from accounts.enums import AccountKind, AccountState
from accounts.models import Door
from accounts.provisioning.logins import assign_logins
from accounts.services.access_state import SHOWN_STATE
from accounts.services.doors import open_standard_doors
from directory.imports.aaf.reading import copy_lines
from directory.imports.references import Reference
from ent.sealing.boxes import SealingBatch
from ent.sealing.codes import generate_codes, verifiers

if TYPE_CHECKING:
    from directory.imports.runs import ImportRun

_BATCH = 20_000
FIRST_GENERATION = 1


class AccountContributor:
    """Logins and codes in staging, then three INSERTs inside the transaction."""

    name = "accounts"
    references = (
        Reference("accounts_new", "person_id", "directory_person"),
        Reference("accounts_code", "account_id", "accounts_account"),
        Reference("accounts_code", "batch_id", "accounts_sealingbatchrow"),
    )

    def prepare(self, run: ImportRun) -> None:
        """Draw ids and UUIDs, give logins, seal a code for each local account."""
        schema = run.schema
        run.progress("Attribution des identifiants", 0, 0)
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT count(*) FROM {schema}.account_wanted w WHERE w.is_new OR NOT EXISTS (
                    SELECT 1 FROM accounts_account a WHERE a.person_id = w.person_id)"""
            )
            (wanted,) = cursor.fetchone()
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
            cursor.execute(f"CREATE UNIQUE INDEX ON {schema}.account_wanted (person_id)")
            cursor.execute(f"ANALYZE {schema}.account_wanted")
        self._seal(run, wanted)

    def _seal(self, run: ImportRun, wanted: int) -> None:
        schema = run.schema
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {schema}.accounts_code, {schema}.accounts_batch")
            cursor.execute(
                f"""CREATE UNLOGGED TABLE {schema}.accounts_code (account_id bigint,
                batch_id bigint, box bytea, verifier bytea)"""
            )
            cursor.execute(
                f"CREATE UNLOGGED TABLE {schema}.accounts_batch (id bigint, header bytea)"
            )
            cursor.execute(f"CREATE INDEX ON {schema}.accounts_new (account_id)")
        if not wanted:
            return
        done = 0
        batch = SealingBatch.open_new()
        with connection.cursor() as cursor:
            cursor.execute(
                f"""INSERT INTO {schema}.accounts_batch
                SELECT nextval('accounts_sealingbatchrow_id_seq'), %s
                RETURNING id""",
                [batch.header],
            )
            (batch_id,) = cursor.fetchone()
        for accounts in self._local_accounts(schema):
            run.progress("Scellement des codes d’activation", done, wanted)
            codes = list(generate_codes(len(accounts)))
            generation = FIRST_GENERATION
            boxes = batch.seal_many(
                (code.encode("ascii"), uuid, generation)
                for code, (_, uuid) in zip(codes, accounts, strict=True)
            )
            marks = verifiers(
                (code, uuid, generation) for code, (_, uuid) in zip(codes, accounts, strict=True)
            )
            copy_lines(
                connection.connection,
                f"{schema}.accounts_code",
                [
                    f"{account_id}\t{batch_id}\t\\\\x{box.hex()}\t\\\\x{mark.hex()}"
                    for (account_id, _), box, mark in zip(accounts, boxes, marks, strict=True)
                ],
            )
            done += len(accounts)

    @staticmethod
    def _local_accounts(schema: str) -> Iterator[list[tuple[int, UUID]]]:
        last = 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"""SELECT account_id, account_uuid FROM {schema}.accounts_new
                    WHERE NOT is_academic AND account_id > %s ORDER BY account_id LIMIT {_BATCH}""",
                    [last],
                )
                rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield rows

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
                SELECT account_id, account_uuid, person_id, login, '',
                    CASE WHEN is_academic THEN '{AccountKind.ACADEMIC.value}'
                         ELSE '{AccountKind.LOCAL.value}' END,
                    '{AccountState.PENDING.value}', false,
                    CASE WHEN is_academic THEN 0 ELSE {FIRST_GENERATION} END, 0, false, now()
                FROM {schema}.accounts_new ORDER BY account_id"""
            )
            created = cursor.rowcount
            cursor.execute(
                f"""INSERT INTO accounts_sealingbatchrow (id, header, created_at)
                SELECT id, header, now() FROM {schema}.accounts_batch"""
            )
            run.progress("Enregistrement des codes scellés", 0, 0)
            cursor.execute(
                f"""INSERT INTO accounts_activationcode (account_id, generation, batch_id, box,
                    verifier, created_at, expires_at)
                SELECT account_id, {FIRST_GENERATION}, batch_id, box, verifier, now(),
                    now() + %s * interval '1 day'
                FROM {schema}.accounts_code ORDER BY account_id""",
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
