"""The accounts of one school that the ENT manages: what files and codes are made for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from accounts.enums import AccountKind
from directory.enums import Profile
from directory.rights.acts import ROLE_RANKS, Rank
from ent.database.statistics import analyse_unknown

_HIGH_ROLES: Final = ", ".join(
    f"'{role.value}'" for role, rank in ROLE_RANKS.items() if rank >= Rank.SCHOOL_ADMINISTRATOR
)
#: Accounts of a file: managed by the ENT, of persons who are in the school, created in a span.
#: An account of an academic door has no secret here and is in no file (R-E3); a guardian who became
#: a contact cannot sign in. Neither do heads nor holders of a high role stand in a file: those who
#: download it are their equals at most, and nobody rescues upwards.
SELECTED_SQL: Final = f"""
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
PEOPLE_SQL: Final = """
    (SELECT DISTINCT person_id FROM directory_affiliation WHERE school_id = %(school)s) here
    JOIN directory_person person ON person.id = here.person_id
    JOIN accounts_account account ON account.person_id = here.person_id
"""
SELECTION_SQL: Final = f"SELECT account.id FROM {PEOPLE_SQL} WHERE {SELECTED_SQL}"  # noqa: S608

_COUNT_SQL: Final = f"SELECT count(*) FROM {PEOPLE_SQL} WHERE {SELECTED_SQL}"  # noqa: S608

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
        analyse_unknown(TABLES)
        with connection.cursor() as cursor:
            cursor.execute(_COUNT_SQL, self.parameters())
            return int(cursor.fetchone()[0])
