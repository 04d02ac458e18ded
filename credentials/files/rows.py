"""The rows of a credential file: one per account managed by the ENT in one school.

A row is plain text, in the order of ``HEADER``. What is in which column, and in which order the
rows come, is described for the school office in ``docs/formats/credential-file.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection

from accounts.enums import AccountState
from credentials.choice.families import Children, Families, read_families
from credentials.choice.managed_accounts import PEOPLE_SQL, SELECTED_SQL, TABLES, Selection
from credentials.codes.opening import CodeOpener
from directory.enums import Profile
from ent.database.statistics import analyse_unknown

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

_BLOCK_ROWS: Final = 2_000

# A person may bear several records: the first is the one that is present.
_ROWS_SQL: Final = f"""
    SELECT person.sort_key, account.id, code.batch_id, code.box, code.generation, account.state,
           person.id, person.profile, account.uuid::text,
           person.given_name, person.family_name, account.login, record.external_id,
           replace(replace(person.address, E'\r', ''), E'\n', ', '),
           person.postal_code, person.town, person.email
      FROM {PEOPLE_SQL}
      LEFT JOIN accounts_activationcode code
             ON code.account_id = account.id AND account.state = '{AccountState.PENDING.value}'
            AND code.expires_at > %(now)s
      LEFT JOIN directory_record record
             ON record.person_id = person.id AND record.authority_id = %(authority)s
     WHERE {SELECTED_SQL}
     ORDER BY person.sort_key COLLATE "C", account.id, record.is_present DESC, record.id
"""  # noqa: S608 - our own constants
_PROFILES: Final = {
    Profile.PUPIL.value: (0, "Élève"),
    Profile.GUARDIAN.value: (1, "Tuteur"),
    Profile.GUEST.value: (3, "Invité"),
}
_STAFF: Final = (2, "Personnel")
_WITHOUT_CODE: Final = {
    AccountState.ACTIVE.value: ALREADY_ACTIVE,
    AccountState.BLOCKED.value: BLOCKED,
}
# A school's rows are found by index: the server's default price of a page is that of a turning
# disk, at which it reads every membership and every account of the region for each school.
_PLAN_SQL: Final = "SELECT set_config('random_page_cost', '1.1', true)"
Row = tuple[str, ...]
_Placed = tuple[int, str, int, Row]
"""Place in the order, sort key, account, row."""


@dataclass(slots=True)
class FileCounts:
    """What the rows held, filled while they are read."""

    accounts: int = 0
    codes: int = 0
    unreadable: int = 0
    opener: CodeOpener = field(default_factory=CodeOpener, repr=False)


def read_rows(selection: Selection, *, now: datetime, tally: FileCounts) -> Iterator[list[Row]]:
    """Yield the rows in blocks; only a worker can, since it opens the codes.

    Memory is that of one school. Who stands in the file is one reading; classes and children are
    read a moment later. The caller holds a transaction.
    """
    parameters = {**selection.parameters(), "authority": selection.authority_id, "now": now}
    analyse_unknown(TABLES)
    with connection.cursor() as cursor:
        cursor.execute(_PLAN_SQL)
        cursor.execute(_ROWS_SQL, parameters)
        people = cursor.fetchall()
    families = read_families(selection.school_id)
    placed = list(_placed(people, families, selection, tally))
    placed.sort()
    for start in range(0, len(placed), _BLOCK_ROWS):
        block = placed[start : start + _BLOCK_ROWS]
        tally.accounts += len(block)
        yield [row for _, _, _, row in block]


def _placed(
    people: list[tuple[Any, ...]], families: Families, selection: Selection, tally: FileCounts
) -> Iterator[_Placed]:
    """Give everybody's row once, with its code and its place in the order."""
    codes = _codes(people, tally)
    uai, key_prefix = selection.uai, f"AC-{selection.authority_code}$"
    class_of, children_of = families.classes.get, families.children.get
    nowhere, childless = families.nowhere, Children(families.nowhere, "", "")
    places, last = nowhere.rank + 1, 0
    for (
        sort_key, account, _, box, _, state, person, profile, uid, given, family, login, key,
        address, postal_code, town, email,
    ) in people:  # fmt: skip
        if account == last:
            continue
        last = account
        rank, word = _PROFILES.get(profile, _STAFF)
        if rank:
            place, names, children_codes = children_of(person, childless)
        else:
            place, names, children_codes = class_of(person, nowhere), "", ""
        yield rank * places + place[0], sort_key, account, (
            uai, uid, place[1], word, given, family, login,
            codes[account] if box is not None else _WITHOUT_CODE.get(state, NO_CODE),
            f"{key_prefix}{key}" if key else "",
            address, postal_code, town, email, names, children_codes,
        )  # fmt: skip


def _codes(people: list[tuple[Any, ...]], tally: FileCounts) -> dict[int, str]:
    """Open the codes: by account, as they are printed."""
    codes = {
        account: UNREADABLE if code is None else code
        for account, code in tally.opener.open(
            (row[2], row[3], row[1], bytes.fromhex(row[8].replace("-", "")), row[4])
            for row in people
            if row[3] is not None
        )
    }
    unreadable = sum(code is UNREADABLE for code in codes.values())
    tally.unreadable += unreadable
    tally.codes += len(codes) - unreadable
    return codes
