"""Where the mails of a person go, and which address serves for recovery.

Two addresses may be known: the feed's (or the one that a manager typed), and the one that the
person chose and confirmed, which takes its place. A new one serves for recovery only 24 hours after
it was confirmed; until then the one before does (T-C8).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from directory.models import Person
from ent.mail import is_mailable
from messaging.models import NotificationAddress
from messaging.models.addresses import RECOVERY_DELAY


@dataclass(frozen=True, slots=True, repr=False)
class Addresses:
    """What is known of one person's addresses."""

    feed: str
    chosen: str = ""
    confirmed_at: datetime | None = None
    previous: str = ""

    @property
    def contact(self) -> str:
        """Where mails go."""
        if self.chosen:
            return self.chosen
        return self.feed if is_mailable(self.feed) else ""

    @property
    def recovery(self) -> str:
        """Where a link that gives the account back may go, "" when none may."""
        if self.confirmed_at is not None and self.confirmed_at + RECOVERY_DELAY > timezone.now():
            return self.previous
        return self.contact

    @property
    def serves_for_recovery(self) -> bool:
        """Has the chosen address waited long enough?"""
        return bool(self.chosen) and self.recovery == self.chosen

    @property
    def stamp(self) -> str:
        """What differs as soon as any address does."""
        confirmed = self.confirmed_at.isoformat() if self.confirmed_at is not None else ""
        return f"{self.chosen}\n{confirmed}\n{self.feed}"


def addresses_of(person_ids: Iterable[int]) -> dict[int, Addresses]:
    """Return the addresses of these persons: one query."""
    prefix = "notification_address__"
    rows = Person.objects.filter(pk__in=list(person_ids)).values_list(
        "pk", "email", f"{prefix}email", f"{prefix}confirmed_at", f"{prefix}previous_email"
    )
    return {
        pk: Addresses(feed, chosen or "", confirmed_at, previous or "")
        for pk, feed, chosen, confirmed_at, previous in rows
    }


def contact_address(person: Person) -> str:
    """Return where mails to *person* go, "" when no address is known."""
    return addresses_of([person.pk])[person.pk].contact


def contact_addresses(person_ids: Iterable[int]) -> dict[int, str]:
    """Return the address of each of these persons who has one: one query."""
    return {pk: known.contact for pk, known in addresses_of(person_ids).items() if known.contact}


def recovery_address(person: Person) -> str:
    """Return where a link that gives the account back may go, "" when none may."""
    return addresses_of([person.pk])[person.pk].recovery


def address_stamps(person_ids: Iterable[int]) -> dict[int, str]:
    """Return, for each person, a text that changes with any of their addresses: one query.

    Whoever sends a link keeps a hash of it: a link sent before the change is then refused.
    """
    return {pk: known.stamp for pk, known in addresses_of(person_ids).items()}


def holders_of(email: str) -> list[int]:
    """Return the persons whose mails go to this address, whatever its case: two indexed queries."""
    if not is_mailable(email):
        return []
    chosen = NotificationAddress.objects.filter(email__iexact=email)
    delivered = (
        Person.objects.exclude(email="")  # the condition of the index
        .filter(email__iexact=email)
        .exclude(notification_address__email__gt="")
    )
    return sorted({*chosen.values_list("pk", flat=True), *delivered.values_list("pk", flat=True)})
