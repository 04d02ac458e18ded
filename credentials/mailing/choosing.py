"""Who will get a mail and who cannot, before anything and at the moment of asking: the same words.

One statement of SQL says of each chosen account where its mail would go and why there would be
none; the count of the screen and the rows of the mailing are both made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from accounts.models import Account
from credentials.enums import LeftOut, RecipientState, SkipReason
from credentials.selection import Choice, chosen_accounts, tally
from directory.actors import Actor
from directory.acts import Act

_OPEN: Final = ", ".join(f"'{state.value}'" for state in RecipientState.open())

#: A plain address as far as SQL can say; `ent.mail.is_mailable` looks again before each mail.
_PLAIN: Final = r"^[^[:space:][:cntrl:]@,;<>()]+@[^[:space:][:cntrl:]@,;<>()]+\.[^[:space:]@.,;]+$"

_ADDRESSED: Final = f"""
    SELECT account.id, person.id AS person_id, where_to.address,
           CASE WHEN where_to.address = '' THEN '{SkipReason.NO_ADDRESS.value}'
                WHEN where_to.address !~ %s THEN '{SkipReason.BAD_ADDRESS.value}'
                WHEN EXISTS (
                    SELECT FROM credentials_campaignrecipient other
                     WHERE other.account_id = account.id AND other.state IN ({_OPEN})
                ) THEN '{SkipReason.OTHER_CAMPAIGN.value}'
                ELSE '' END AS reason
      FROM accounts_account account
      JOIN directory_person person ON person.id = account.person_id
      LEFT JOIN messaging_notificationaddress chosen ON chosen.person_id = person.id
     CROSS JOIN LATERAL (
           SELECT coalesce(nullif(chosen.email, ''), trim(person.email)) AS address
     ) where_to
     WHERE account.id IN ({{chosen}})
"""  # noqa: S608 - our own constants


#: Reasons that a mailing says in words of its own.
_WORDS: Final = {LeftOut.STATE: "dont la première connexion est faite"}


@dataclass(frozen=True, slots=True)
class Expected:
    """How many mails there would be, and why others get none."""

    chosen: int
    skipped: Mapping[SkipReason, int] = field(default_factory=dict)
    left_out: Mapping[LeftOut, int] = field(default_factory=dict)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """The reasons that concern somebody: chosen without a mail first, then not chosen."""
        skipped = [(str(r.label), self.skipped[r]) for r in SkipReason if self.skipped.get(r)]
        others = [
            (_WORDS.get(r, str(r.label)), self.left_out[r]) for r in LeftOut if self.left_out.get(r)
        ]
        return [*skipped, *others]

    @property
    def without_address(self) -> int:
        """How many were chosen and have no address."""
        return self.skipped.get(SkipReason.NO_ADDRESS, 0)


def expect(choice: Choice, *, actor: Actor) -> Expected:
    """Count who would get a mail and, by reason, who would not."""
    statement, parameters = _addressed(choice, actor)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT reason, count(*) FROM ({statement}) addressed GROUP BY reason",  # noqa: S608
            parameters,
        )
        counts: dict[str, int] = dict(cursor.fetchall())
    return Expected(
        chosen=counts.pop("", 0),
        skipped={SkipReason(reason): number for reason, number in counts.items()},
        left_out=tally(choice, actor=actor, act=Act.CREDENTIAL_FILES).left_out,
    )


def first_account(choice: Choice, *, actor: Actor) -> Account | None:
    """Return somebody who would get a mail, as the example of the preview."""
    statement, parameters = _addressed(choice, actor)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM ({statement}) a WHERE reason = '' ORDER BY person_id LIMIT 1",  # noqa: S608
            parameters,
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return Account.objects.select_related("person").get(pk=row[0])


def insert_recipients(choice: Choice, *, actor: Actor, campaign_id: int) -> int:
    """Write a row for each chosen account, skipped ones included: one statement."""
    statement, parameters = _addressed(choice, actor)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO credentials_campaignrecipient
                   (campaign_id, account_id, address, domain, state, reason, attempts, answer)
            SELECT %s, id, CASE WHEN reason = '' THEN address ELSE '' END,
                   CASE WHEN reason = '' THEN lower(split_part(address, '@', 2)) ELSE '' END,
                   CASE WHEN reason = '' THEN '{RecipientState.QUEUED.value}'
                        ELSE '{RecipientState.SKIPPED.value}' END,
                   reason, 0, ''
              FROM ({statement}) addressed
             ORDER BY person_id
            """,  # noqa: S608 - our own constants
            [campaign_id, *parameters],
        )
        return int(cursor.rowcount)


def _addressed(choice: Choice, actor: Actor) -> tuple[str, list[Any]]:
    accounts = chosen_accounts(choice, actor=actor, act=Act.CREDENTIAL_FILES)
    chosen, parameters = accounts.order_by().values("pk").query.sql_with_params()
    return _ADDRESSED.format(chosen=chosen), [_PLAIN, *parameters]
