"""The rows of a credential file: one per account managed by the ENT in one school.

A row is plain text, in the order of ``HEADER``. What is in which column, and in which order the
rows come, is described for the school office in ``docs/formats/credential-file.md``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from accounts.enums import AccountKind, AccountState
from directory.enums import Category, GroupKind, MembershipRole, Profile
from ent.sealing.boxes import BoxOpener, SealError
from ent.sealing.codes import display
from ent.sealing.keys import UnknownKeyError

HEADER: Final = (
    "rne",
    "uid",
    "classe",
    "profil",
    "prenom",
    "nom",
    "login",
    "mot de passe",
    "cle de jointure",
    "adresse",
    "code postal",
    "commune",
    "courriel",
    "enfants",
    "classes des enfants",
)

ALREADY_ACTIVE: Final = "déjà activé"
BLOCKED: Final = "compte bloqué"
UNREADABLE: Final = "code illisible : à réémettre"
NO_CODE: Final = "code à régénérer"

_PUPIL, _GUARDIAN, _STAFF, _GUEST = "Élève", "Tuteur", "Personnel", "Invité"
_CHUNK_ROWS = 2_000
_KEPT_OPENERS = 32

#: Accounts of a file: managed by the ENT, of persons who are in the school, created in a span.
#: An account of an academic door has no secret here and is in no file (R-E3).
SELECTION_SQL: Final = f"""
    SELECT account.id
      FROM accounts_account account
      JOIN directory_person person ON person.id = account.person_id
     WHERE account.kind = '{AccountKind.LOCAL.value}'
       AND person.left_at IS NULL
       AND (%(created_from)s::timestamptz IS NULL OR account.created_at >= %(created_from)s)
       AND (%(created_until)s::timestamptz IS NULL OR account.created_at <= %(created_until)s)
       AND EXISTS (
           SELECT FROM directory_affiliation affiliation
            WHERE affiliation.person_id = person.id AND affiliation.school_id = %(school)s
       )
"""  # noqa: S608 - our own constants

_COUNT_SQL: Final = f"SELECT count(*) FROM ({SELECTION_SQL}) selected"  # noqa: S608

_ROWS_SQL: Final = f"""
    WITH selected AS MATERIALIZED ({SELECTION_SQL}),
    class_of AS MATERIALIZED (
        SELECT DISTINCT ON (membership.person_id)
               membership.person_id, class.code, class.sort_key
          FROM directory_membership membership
          JOIN directory_group class ON class.id = membership.group_id
         WHERE class.school_id = %(school)s
           AND class.kind = '{GroupKind.CLASS.value}'
           AND membership.role = '{MembershipRole.PUPIL.value}'
         ORDER BY membership.person_id, class.is_present DESC, class.sort_key, class.code
    ),
    children AS MATERIALIZED (
        SELECT link.guardian_id,
               string_agg(
                   trim(child.given_name || ' ' || child.family_name), ', '
                   ORDER BY class_of.sort_key, class_of.code, child.sort_key, child.id
               ) AS names,
               string_agg(
                   coalesce(class_of.code, ''), ', '
                   ORDER BY class_of.sort_key, class_of.code, child.sort_key, child.id
               ) AS classes,
               min(class_of.sort_key) AS sort_key,
               (array_agg(
                   class_of.code
                   ORDER BY class_of.sort_key, class_of.code, child.sort_key, child.id
               ))[1] AS first_class
          FROM directory_responsibility link
          JOIN directory_person child ON child.id = link.pupil_id AND child.left_at IS NULL
          LEFT JOIN class_of ON class_of.person_id = child.id
         WHERE EXISTS (
                   SELECT FROM directory_affiliation affiliation
                    WHERE affiliation.person_id = child.id AND affiliation.school_id = %(school)s
               )
         GROUP BY link.guardian_id
    )
    SELECT account.id, account.uuid, account.state, account.login,
           person.profile, person.given_name, person.family_name,
           person.address, person.postal_code, person.town, person.email,
           coalesce(class_of.code, children.first_class, '') AS class_code,
           coalesce(children.names, ''), coalesce(children.classes, ''),
           (
               SELECT 'AC-' || authority.code || '$' || record.external_id
                 FROM directory_record record
                 JOIN directory_authority authority ON authority.id = record.authority_id
                WHERE record.person_id = person.id
                  AND record.authority_id = %(authority)s
                  AND record.category = ANY(%(categories)s)
                ORDER BY record.is_present DESC, record.id
                LIMIT 1
           ),
           code.generation, code.box, code.batch_id, code.expires_at > %(now)s
      FROM selected
      JOIN accounts_account account ON account.id = selected.id
      JOIN directory_person person ON person.id = account.person_id
      LEFT JOIN class_of
             ON class_of.person_id = person.id AND person.profile = '{Profile.PUPIL.value}'
      LEFT JOIN children
             ON children.guardian_id = person.id AND person.profile <> '{Profile.PUPIL.value}'
      LEFT JOIN accounts_activationcode code ON code.account_id = account.id
     ORDER BY CASE person.profile
                  WHEN '{Profile.PUPIL.value}' THEN 0
                  WHEN '{Profile.GUARDIAN.value}' THEN 1
                  WHEN '{Profile.GUEST.value}' THEN 3
                  ELSE 2
              END,
              coalesce(class_of.sort_key, children.sort_key),
              coalesce(class_of.code, children.first_class),
              person.sort_key, account.id
"""  # noqa: S608 - our own constants

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which accounts a file holds. Bounds are inclusive; None means no bound."""

    school_id: int
    authority_id: int
    uai: str
    created_from: datetime | None = None
    created_until: datetime | None = None

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of ``SELECTION_SQL``."""
        return {
            "school": self.school_id,
            "created_from": self.created_from,
            "created_until": self.created_until,
        }

    def count(self) -> int:
        """Return how many accounts the file will hold."""
        with connection.cursor() as cursor:
            cursor.execute(_COUNT_SQL, self.parameters())
            return int(cursor.fetchone()[0])


@dataclass(slots=True)
class Tally:
    """What the rows held, filled while they are read."""

    accounts: int = 0
    codes: int = 0
    already_active: int = 0
    unreadable: int = 0
    openers: OrderedDict[int, BoxOpener] = field(default_factory=OrderedDict, repr=False)


def read_rows(selection: Selection, *, now: datetime, tally: Tally) -> Iterator[list[Row]]:
    """Yield the rows in blocks; only a worker can, since it opens the codes.

    Memory is that of one block. The caller holds a transaction, so that the blocks agree.
    """
    parameters = {
        **selection.parameters(),
        "authority": selection.authority_id,
        "now": now,
        "categories": [Category.PUPIL.value, Category.GUARDIAN.value, Category.STAFF.value],
    }
    with connection.chunked_cursor() as cursor:
        cursor.execute(_ROWS_SQL, parameters)
        while block := cursor.fetchmany(_CHUNK_ROWS):
            codes = _open_codes(block, tally)
            rows = [_row(selection.uai, values, codes) for values in block]
            tally.accounts += len(rows)
            tally.already_active += sum(values[2] == AccountState.ACTIVE for values in block)
            yield rows


def _row(uai: str, values: tuple[Any, ...], codes: Mapping[int, str]) -> Row:
    (account_id, account_uuid, state, login, profile, given_name, family_name) = values[:7]
    (address, postal_code, town, email, class_code, children, classes, join_key) = values[7:15]
    return (
        uai,
        str(account_uuid),
        class_code,
        _PROFILES.get(profile, _STAFF),
        given_name,
        family_name,
        login,
        codes.get(account_id) or _without_code(state),
        join_key or "",
        ", ".join(address.splitlines()),
        postal_code,
        town,
        email,
        children,
        classes,
    )


_PROFILES: Final = {
    Profile.PUPIL.value: _PUPIL,
    Profile.GUARDIAN.value: _GUARDIAN,
    Profile.GUEST.value: _GUEST,
}


def _without_code(state: str) -> str:
    """Say in words why there is no code; never a hash (R-E2)."""
    if state == AccountState.ACTIVE:
        return ALREADY_ACTIVE
    return BLOCKED if state == AccountState.BLOCKED else NO_CODE


def _open_codes(block: list[tuple[Any, ...]], tally: Tally) -> dict[int, str]:
    """Open the valid codes of a block, in the order of their sealing, which is the quick way."""
    sealed = sorted(
        (batch_id, bytes(box), account_id, account_uuid, generation)
        for account_id, account_uuid, state, *_, generation, box, batch_id, is_valid in block
        if is_valid and state == AccountState.PENDING
    )
    _prepare_openers({entry[0] for entry in sealed}, tally)
    opened = {}
    for batch_id, box, account_id, account_uuid, generation in sealed:
        opened[account_id] = _open(tally, batch_id, box, account_uuid, generation)
    tally.codes += sum(code != UNREADABLE for code in opened.values())
    return opened


def _open(tally: Tally, batch_id: int, box: bytes, account: UUID, generation: int) -> str:
    try:
        opener = tally.openers[batch_id]
        return display(opener.open(box, account=account, generation=generation).decode("ascii"))
    except (KeyError, SealError):
        # A box that was moved, altered, or of a retired key: the others are printed (T-F1b).
        tally.unreadable += 1
        return UNREADABLE


def _prepare_openers(batch_ids: set[int], tally: Tally) -> None:
    """Keep the openers of the last batches: an import seals thousands of codes in each."""
    for batch_id in batch_ids & tally.openers.keys():
        tally.openers.move_to_end(batch_id)
    missing = sorted(batch_ids - tally.openers.keys())
    if missing:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, header FROM accounts_sealingbatchrow WHERE id = ANY(%s)", [missing]
            )
            for batch_id, header in cursor.fetchall():
                try:
                    tally.openers[batch_id] = BoxOpener(header)
                except (SealError, UnknownKeyError):
                    continue
    while len(tally.openers) > max(_KEPT_OPENERS, len(batch_ids)):
        tally.openers.popitem(last=False)
