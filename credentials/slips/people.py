"""Who stands on the sheets, in the order in which they are handed out.

By class, then by name; a parent stands in the class of the child who comes first, once, with all
their children of this school and of no other (T-F5). Classes are those of the school that prints.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from accounts.enums import AccountState
from credentials.choice.managed_accounts import TABLES
from credentials.codes.opening import CodeOpener
from credentials.slips.paper import is_drawn
from directory.enums import GroupKind, MembershipRole, Profile
from ent.database.statistics import analyse_unknown
from ent.pages.french import day_words
from ent.pages.names import person_name

_CHUNK_ROWS: Final = 1_000

_SQL: Final = f"""
    WITH class_of AS MATERIALIZED (
        SELECT DISTINCT ON (membership.person_id)
               membership.person_id, class.code, class.sort_key,
               class.uuid = ANY(%(groups)s::uuid[]) AS is_chosen
          FROM directory_group class
          JOIN directory_membership membership ON membership.group_id = class.id
         WHERE class.school_id = %(school)s
           AND class.kind = '{GroupKind.CLASS.value}'
           AND membership.role = '{MembershipRole.PUPIL.value}'
         ORDER BY membership.person_id, is_chosen DESC, class.is_present DESC,
                  class.sort_key, class.code
    ),
    children AS MATERIALIZED (
        SELECT link.guardian_id,
               array_agg(concat_ws(E'\\x1f', child.given_name, child.family_name, class_of.code)
                         ORDER BY is_chosen DESC NULLS LAST, class_of.sort_key, class_of.code,
                                   child.sort_key, child.id)
                   AS names,
               (array_agg(coalesce(class_of.code, '')
                          ORDER BY is_chosen DESC NULLS LAST, class_of.sort_key, class_of.code,
                                   child.sort_key, child.id))[1]
                   AS code,
               (array_agg(class_of.sort_key
                          ORDER BY is_chosen DESC NULLS LAST, class_of.sort_key, class_of.code,
                                   child.sort_key, child.id))[1]
                   AS sort_key,
               (array_agg(child.sort_key
                          ORDER BY is_chosen DESC NULLS LAST, class_of.sort_key, class_of.code,
                                   child.sort_key, child.id))[1]
                   AS first_child
          FROM directory_responsibility link
          JOIN directory_person child ON child.id = link.pupil_id AND child.left_at IS NULL
          JOIN (SELECT DISTINCT person_id FROM directory_affiliation
                 WHERE school_id = %(school)s AND profile = '{Profile.PUPIL.value}') here
            ON here.person_id = child.id
          LEFT JOIN class_of ON class_of.person_id = child.id
         GROUP BY link.guardian_id
    )
    SELECT account.id, account.uuid, code.generation, code.box, code.batch_id, code.expires_at,
           account.login, account.state, person.profile, person.title,
           person.given_name, person.family_name,
           person.address, person.postal_code, person.town,
           coalesce(class_of.code, children.code, ''),
           coalesce(children.names, ARRAY[]::text[])
      FROM accounts_account account
      JOIN directory_person person ON person.id = account.person_id
      LEFT JOIN class_of
             ON class_of.person_id = person.id AND person.profile = '{Profile.PUPIL.value}'
      LEFT JOIN children
             ON children.guardian_id = person.id AND person.profile <> '{Profile.PUPIL.value}'
      LEFT JOIN accounts_activationcode code
             ON code.account_id = account.id AND account.state = '{AccountState.PENDING.value}'
            AND code.expires_at > %(now)s
     WHERE account.id = ANY(%(accounts)s)
     ORDER BY CASE person.profile WHEN '{Profile.PUPIL.value}' THEN 0
                                  WHEN '{Profile.GUARDIAN.value}' THEN 1 ELSE 2 END,
              person.profile,
              coalesce(class_of.sort_key, children.sort_key) NULLS LAST,
              coalesce(class_of.code, children.code),
              coalesce(children.first_child, person.sort_key), person.sort_key, account.id
"""  # noqa: S608 - our own constants


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPerson:
    """One sheet: everything on it is plain text; ``code`` is "" where there is none to print."""

    account_id: int
    profile: Profile
    title: str
    name: str
    login: str
    is_active: bool
    code: str
    generation: int
    until: str
    class_code: str
    children: tuple[str, ...]
    address_lines: tuple[str, ...]

    @property
    def is_transliterated(self) -> bool:
        """Does something of it stand on paper in other letters than in the directory?"""
        texts = (self.name, self.class_code, *self.children, *self.address_lines)
        return not all(is_drawn(text) for text in texts)

    @property
    def pile(self) -> tuple[str, str]:
        """The document in which the sheet stands: (profile, class)."""
        return (self.profile.value, self.class_code)


def read_people(
    account_ids: Sequence[int], *, school_id: int, now: datetime, groups: Sequence[UUID] = ()
) -> Iterator[SlipPerson]:
    """Yield the people of these accounts; memory is that of one block.

    *groups*: classes that were asked for; a parent stands in one of them before any other, so that
    the sheets of a class are one pile.
    """
    parameters: dict[str, Any] = {
        "school": school_id,
        "accounts": list(account_ids),
        "now": now,
        "groups": list(groups),
    }
    opener = CodeOpener()
    analyse_unknown(TABLES)
    with connection.chunked_cursor() as cursor:
        cursor.execute(_SQL, parameters)
        while block := cursor.fetchmany(_CHUNK_ROWS):
            sealed = (
                (row[4], bytes(row[3]), row[0], row[1].bytes, row[2])
                for row in block
                if row[3] is not None
            )
            codes = dict(opener.open(sealed))
            for row in block:
                yield _person(row, codes.get(row[0]) or "")


def _child_words(joined: str) -> str:
    """« Manon PETIT (4E3) », or without a class; the statement parts the three by U+001F."""
    given_name, family_name, *code = joined.split("\x1f")
    name = person_name(given_name, family_name)
    return f"{name} ({code[0]})" if code else name


def _person(row: tuple[Any, ...], code: str) -> SlipPerson:
    (
        account_id,
        _,
        generation,
        _,
        _,
        expires_at,
        login,
        state,
        profile,
        title,
        given_name,
        family_name,
    ) = row[:12]
    address, postal_code, town, class_code, children = row[12:]
    name = person_name(given_name, family_name)
    lines = (
        f"{title} {name}".strip(),
        *(line.strip() for line in address.splitlines()),
        f"{postal_code} {town}".strip(),
    )
    return SlipPerson(
        account_id=account_id,
        profile=Profile(profile),
        title=title,
        name=name,
        login=login,
        is_active=state == AccountState.ACTIVE,
        code=code,
        generation=generation or 0,
        until=day_words(expires_at) if code else "",
        class_code=class_code,
        children=tuple(map(_child_words, children)),
        address_lines=tuple(line for line in lines if line),
    )
