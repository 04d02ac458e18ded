"""Who will get a mail and who cannot, before anything and at the moment of asking: the same words.

One statement of SQL says of each chosen account where its mail would go and why there would be
none; the count of the screen and the rows of the mailing are both made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from accounts.models import Account
from credentials.choice.population import PopulationChoice, chosen_accounts, tally
from credentials.enums import CampaignState, LeftOut, RecipientState, SkipReason
from directory.models import Person
from directory.rights.actors import Actor
from directory.rights.acts import Act
from ent.mail.addresses import LONGEST_PLAIN, PLAIN
from messaging.addresses.known import odd_addresses

#: Who got this mail so few days ago is left out unless it is asked for.
RECENTLY: Final = timedelta(days=7)
_MOST_NAMES: Final = 50
_OPEN: Final = ", ".join(f"'{state.value}'" for state in RecipientState.open())

_ADDRESSED: Final = f"""
    SELECT account.id, person.id AS person_id, where_to.address,
           CASE WHEN written.address !~ '[^[:space:]]' THEN '{SkipReason.NO_ADDRESS.value}'
                WHEN where_to.address = '' THEN '{SkipReason.BAD_ADDRESS.value}'
                WHEN EXISTS (
                    SELECT FROM credentials_campaignrecipient other
                     WHERE other.account_id = account.id AND other.state IN ({_OPEN})
                ) THEN '{SkipReason.OTHER_CAMPAIGN.value}'
                WHEN NOT %s AND EXISTS (
                    SELECT FROM credentials_campaignrecipient other
                      JOIN credentials_campaign stopped ON stopped.id = other.campaign_id
                     WHERE other.account_id = account.id
                       AND other.state = '{RecipientState.CANCELLED.value}'
                       AND stopped.state = '{CampaignState.CANCELLED.value}'
                ) THEN '{SkipReason.STOPPED_CAMPAIGN.value}'
                WHEN NOT %s AND EXISTS (
                    SELECT FROM credentials_campaignrecipient other
                     WHERE other.account_id = account.id
                       AND other.state = '{RecipientState.ACCEPTED.value}'
                       AND other.ended_at > %s
                ) THEN '{SkipReason.RECENT.value}'
                ELSE '' END AS reason
      FROM accounts_account account
      JOIN directory_person person ON person.id = account.person_id
      LEFT JOIN messaging_notificationaddress chosen ON chosen.person_id = person.id
     CROSS JOIN LATERAL (
           SELECT coalesce(nullif(chosen.email, ''), person.email) AS address
     ) written
      LEFT JOIN unnest(%s::text[], %s::text[]) AS odd(written, usable)
             ON odd.written = written.address
     CROSS JOIN LATERAL (
           SELECT CASE WHEN written.address ~ %s AND length(written.address) <= {LONGEST_PLAIN}
                       THEN written.address
                       ELSE coalesce(odd.usable, '') END AS address
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
        """How many were chosen and have no address to which a mail may go."""
        return sum(self.skipped.get(reason, 0) for reason in SkipReason.unreachable())


def expect(choice: PopulationChoice, *, actor: Actor, is_repeated: bool = False) -> Expected:
    """Count who would get a mail and, by reason, who would not.

    *is_repeated*: who got one lately, or waits in a mailing that was stopped, gets one too.
    """
    statement, parameters = _addressed(choice, actor, is_repeated=is_repeated)
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


def already_written_to(
    choice: PopulationChoice, *, actor: Actor, is_repeated: bool
) -> dict[str, list[str]]:
    """Name whom another mailing has reached or will reach, by how: fifty at most, by name.

    They are those who are left out; with *is_repeated*, those who get a second mail.
    """
    reasons = [
        reason.value
        for reason in SkipReason.met()
        if not is_repeated or reason != SkipReason.OTHER_CAMPAIGN
    ]
    statement, parameters = _addressed(choice, actor, is_repeated=False)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT trim(person.family_name || ' ' || person.given_name), addressed.reason
              FROM ({statement}) addressed
              JOIN directory_person person ON person.id = addressed.person_id
             WHERE addressed.reason = ANY(%s)
             ORDER BY person.sort_key COLLATE "C", person.id LIMIT {_MOST_NAMES}
            """,  # noqa: S608 - our own constants
            [*parameters, reasons],
        )
        rows = cursor.fetchall()
    named: dict[str, list[str]] = {}
    for name, reason in rows:
        named.setdefault(str(SkipReason(reason).label), []).append(name)
    return named


def first_account(
    choice: PopulationChoice, *, actor: Actor, is_repeated: bool = False
) -> Account | None:
    """Return somebody who would get a mail, as the example of the preview."""
    statement, parameters = _addressed(choice, actor, is_repeated=is_repeated)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM ({statement}) a WHERE reason = '' ORDER BY person_id LIMIT 1",  # noqa: S608
            parameters,
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return Account.objects.select_related("person").get(pk=row[0])


def insert_recipients(
    choice: PopulationChoice, *, actor: Actor, campaign_id: int, is_repeated: bool = False
) -> int:
    """Write a row for each chosen account, skipped ones included: one statement."""
    statement, parameters = _addressed(choice, actor, is_repeated=is_repeated)
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


def _addressed(
    choice: PopulationChoice, actor: Actor, *, is_repeated: bool
) -> tuple[str, list[Any]]:
    accounts = chosen_accounts(choice, actor=actor, act=Act.CREDENTIAL_FILES)
    chosen, parameters = accounts.order_by().values("pk").query.sql_with_params()
    odd = odd_addresses(Person.objects.filter(pk__in=accounts.order_by().values("person")))
    met = [is_repeated, is_repeated, timezone.now() - RECENTLY]
    where_to = [list(odd), list(odd.values()), PLAIN]
    return _ADDRESSED.format(chosen=chosen), [*met, *where_to, *parameters]
