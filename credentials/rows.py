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

from accounts.enums import AccountKind, AccountState
from credentials.opening import CodeOpener
from directory.acts import ROLE_RANKS, Rank
from directory.enums import GroupKind, MembershipRole, Profile
from ent.planning import analyse_unknown

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

_CHUNK_ROWS = 2_000

_HIGH_ROLES: Final = ", ".join(
    f"'{role.value}'" for role, rank in ROLE_RANKS.items() if rank >= Rank.SCHOOL_ADMINISTRATOR
)
#: Accounts of a file: managed by the ENT, of persons who are in the school, created in a span.
#: An account of an academic door has no secret here and is in no file (R-E3); a guardian who became
#: a contact cannot sign in. Neither do heads nor holders of a high role stand in a file: those who
#: download it are their equals at most, and nobody rescues upwards.
_SELECTED: Final = f"""
    account.kind = '{AccountKind.LOCAL.value}'
    AND person.left_at IS NULL
    AND person.profile NOT IN ('{Profile.CONTACT.value}', '{Profile.HEAD.value}')
    AND NOT EXISTS (
        SELECT FROM directory_rolegrant held
         WHERE held.person_id = person.id AND held.withdrawn_at IS NULL
           AND held.role IN ({_HIGH_ROLES})
           AND coalesce(held.expires_on >= (now() AT TIME ZONE 'Europe/Paris')::date, true)
    )
    AND (%(created_from)s::timestamptz IS NULL OR account.created_at >= %(created_from)s)
    AND (%(created_until)s::timestamptz IS NULL OR account.created_at <= %(created_until)s)
"""
_PEOPLE: Final = """
    (SELECT DISTINCT person_id FROM directory_affiliation WHERE school_id = %(school)s) here
    JOIN directory_person person ON person.id = here.person_id
    JOIN accounts_account account ON account.person_id = here.person_id
"""
SELECTION_SQL: Final = f"SELECT account.id FROM {_PEOPLE} WHERE {_SELECTED}"  # noqa: S608

_COUNT_SQL: Final = f"SELECT count(*) FROM {_PEOPLE} WHERE {_SELECTED}"  # noqa: S608

# The columns come out in the order of HEADER, words included: what Python adds to a row is the
# code. Children and classes are those of this school only (T-F5).
_ROWS_SQL: Final = f"""
    WITH class_of AS MATERIALIZED (
        SELECT DISTINCT ON (membership.person_id)
               membership.person_id, class.code, class.sort_key
          FROM directory_group class
          JOIN directory_membership membership ON membership.group_id = class.id
         WHERE class.school_id = %(school)s
           AND class.kind = '{GroupKind.CLASS.value}'
           AND membership.role = '{MembershipRole.PUPIL.value}'
         ORDER BY membership.person_id, class.is_present DESC, class.sort_key, class.code
    ),
    children AS MATERIALIZED (
        SELECT guardian_id, string_agg(name, ', ') AS names, string_agg(code, ', ') AS classes,
               (array_agg(code))[1] AS code, (array_agg(sort_key))[1] AS sort_key
          FROM (
              SELECT link.guardian_id, coalesce(class_of.code, '') AS code, class_of.sort_key,
                     trim(child.given_name || ' ' || child.family_name) AS name
                FROM (
                    SELECT DISTINCT person_id FROM directory_affiliation
                     WHERE school_id = %(school)s AND profile = '{Profile.PUPIL.value}'
                ) pupil
                JOIN directory_responsibility link ON link.pupil_id = pupil.person_id
                JOIN directory_person child ON child.id = link.pupil_id AND child.left_at IS NULL
                LEFT JOIN class_of ON class_of.person_id = child.id
               ORDER BY link.guardian_id, class_of.sort_key, class_of.code, child.sort_key, child.id
          ) ordered
         GROUP BY guardian_id
    )
    SELECT code.batch_id, code.box, code.generation,
           account.state = '{AccountState.ACTIVE.value}',
           %(uai)s, account.uuid::text,
           coalesce(class_of.code, children.code, ''),
           CASE person.profile
               WHEN '{Profile.PUPIL.value}' THEN 'Élève'
               WHEN '{Profile.GUARDIAN.value}' THEN 'Tuteur'
               WHEN '{Profile.GUEST.value}' THEN 'Invité'
               ELSE 'Personnel'
           END,
           person.given_name, person.family_name, account.login,
           CASE account.state
               WHEN '{AccountState.ACTIVE.value}' THEN '{ALREADY_ACTIVE}'
               WHEN '{AccountState.BLOCKED.value}' THEN '{BLOCKED}'
               ELSE '{NO_CODE}'
           END,
           coalesce((
               SELECT %(key_prefix)s || record.external_id
                 FROM directory_record record
                WHERE record.person_id = person.id AND record.authority_id = %(authority)s
                ORDER BY record.is_present DESC, record.id
                LIMIT 1
           ), ''),
           replace(replace(person.address, E'\r', ''), E'\n', ', '),
           person.postal_code, person.town, person.email,
           coalesce(children.names, ''), coalesce(children.classes, '')
      FROM {_PEOPLE}
      LEFT JOIN class_of
             ON class_of.person_id = person.id AND person.profile = '{Profile.PUPIL.value}'
      LEFT JOIN children
             ON children.guardian_id = person.id AND person.profile <> '{Profile.PUPIL.value}'
      LEFT JOIN accounts_activationcode code
             ON code.account_id = account.id AND account.state = '{AccountState.PENDING.value}'
            AND code.expires_at > %(now)s
     WHERE {_SELECTED}
     ORDER BY CASE person.profile
                  WHEN '{Profile.PUPIL.value}' THEN 0
                  WHEN '{Profile.GUARDIAN.value}' THEN 1
                  WHEN '{Profile.GUEST.value}' THEN 3
                  ELSE 2
              END,
              coalesce(class_of.sort_key, children.sort_key) COLLATE "C",
              coalesce(class_of.code, children.code) COLLATE "C",
              person.sort_key COLLATE "C", account.id
"""  # noqa: S608 - our own constants
# Where the answer's own columns end and a row's begin, and where a row has its password.
_FIRST: Final = 4
_UID: Final = _FIRST + HEADER.index("uid")
_PASSWORD: Final = _FIRST + HEADER.index("mot de passe")
# A school's rows are found by index: the server's default price of a page is that of a turning
# disk, at which it reads every membership and every account of the region for each school.
_PLAN_SQL: Final = "SELECT set_config('random_page_cost', '1.1', true)"
#: What people on paper and in files are read from.
TABLES: Final = (
    "accounts_account",
    "accounts_activationcode",
    "directory_affiliation",
    "directory_group",
    "directory_membership",
    "directory_person",
    "directory_record",
    "directory_responsibility",
    "directory_rolegrant",
)

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which accounts a file holds. Bounds are inclusive; None means no bound."""

    school_id: int
    authority_id: int
    authority_code: str
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
    opener: CodeOpener = field(default_factory=CodeOpener, repr=False)


def read_rows(selection: Selection, *, now: datetime, tally: Tally) -> Iterator[list[Row]]:
    """Yield the rows in blocks; only a worker can, since it opens the codes.

    Memory is that of one block. The caller holds a transaction, so that the blocks agree.
    """
    parameters = {
        **selection.parameters(),
        "authority": selection.authority_id,
        "key_prefix": f"AC-{selection.authority_code}$",
        "now": now,
        "uai": selection.uai,
    }
    analyse_unknown(TABLES)
    with connection.cursor() as cursor:
        cursor.execute(_PLAN_SQL)
    with connection.chunked_cursor() as cursor:
        cursor.execute(_ROWS_SQL, parameters)
        while block := cursor.fetchmany(_CHUNK_ROWS):
            tally.accounts += len(block)
            tally.already_active += sum(values[3] for values in block)
            yield _with_codes(block, tally)


def _with_codes(block: list[tuple[Any, ...]], tally: Tally) -> list[Row]:
    """Return the rows of a block with their codes."""
    rows = [values[_FIRST:] for values in block]
    sealed = [
        (values[0], values[1], index, bytes.fromhex(values[_UID].replace("-", "")), values[2])
        for index, values in enumerate(block)
        if values[1] is not None
    ]
    for index, code in tally.opener.open(sealed):
        tally.unreadable += code is None
        tally.codes += code is not None
        values = block[index]
        word = UNREADABLE if code is None else code
        rows[index] = (*values[_FIRST:_PASSWORD], word, *values[_PASSWORD + 1 :])
    return rows
