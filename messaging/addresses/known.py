"""Where the mails of a person go, and which address serves for recovery.

Two addresses may be known: the feed's (or the one that a manager typed), and the one that the
person chose and confirmed, which takes its place. A new one serves for recovery only 24 hours after
it was confirmed; until then the one before does (T-C8). To which addresses a mail may go at all is
said by `ent.mail.addresses`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Length, NullIf
from django.utils import timezone

from directory.models import Person
from ent.mail.addresses import LONGEST_PLAIN, PLAIN, is_usable, spellings_of, usable_address
from messaging.addresses.models import RECOVERY_DELAY, NotificationAddress

_IS_PLAIN = Q(written__regex=PLAIN, length__lte=LONGEST_PLAIN)


def same_address(email: str) -> str:
    """Return the address as it is compared: one mailbox, however it is written."""
    return email.strip().lower()


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
        return usable_address(self.chosen or self.feed)

    @property
    def recovery(self) -> str:
        """Where a link that gives the account back may go, "" when none may."""
        if self.confirmed_at is not None and self.confirmed_at + RECOVERY_DELAY > timezone.now():
            return usable_address(self.previous)
        return self.contact

    @property
    def serves_for_recovery(self) -> bool:
        """Has the chosen address waited long enough?"""
        return bool(self.chosen) and self.recovery == self.chosen

    @property
    def stamp(self) -> str:
        """What differs as soon as any address does; case and spaces around make no other address.

        Feeds write « Rose@… » one day and « rose@… » the next.
        """
        return self._stamp(same_address(self.chosen), same_address(self.feed))

    @property
    def former_stamp(self) -> str:
        """What `stamp` was before case stopped to count; links of then live 60 days at most."""
        return self._stamp(self.chosen, self.feed)

    def _stamp(self, chosen: str, feed: str) -> str:
        confirmed = self.confirmed_at.isoformat() if self.confirmed_at is not None else ""
        return f"{chosen}\n{confirmed}\n{feed}"


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
    if not is_usable(email):
        return []
    chosen = NotificationAddress.objects.filter(email__iexact=email)
    written = Q()
    for one in spellings_of(email):  # each by the index
        written |= Q(email__iexact=one)
    delivered = (
        Person.objects.exclude(email="")  # the condition of the index
        .filter(written)
        .exclude(notification_address__email__gt="")
    )
    return sorted({*chosen.values_list("pk", flat=True), *delivered.values_list("pk", flat=True)})


def written_address() -> Coalesce:
    """The address of a person as it is written down, for a queryset of persons."""
    chosen = NullIf(F("notification_address__email"), Value(""))
    return Coalesce(chosen, F("email"), Value(""))


def odd_addresses(people: QuerySet[Person]) -> dict[str, str]:
    """Return, of the addresses of *people* that are not plain, what mails to them would be sent to.

    "" where no mail may go. They are few: a statement that counts or writes people is told of them,
    and knows the plain ones by itself (`PLAIN`).
    """
    written = (
        people.order_by()
        .annotate(written=written_address(), length=Length("written"))
        .filter(written__regex=r"[^[:space:]]")
        .exclude(_IS_PLAIN)
        .values_list("written", flat=True)
        .distinct()
    )
    return {one: usable_address(one) for one in written}


def reached_by_mail(people: QuerySet[Person], *, person: str) -> Exists:
    """Return the condition « a mail to this person goes somewhere », for rows about *people*.

    *person* is the field of these rows that holds the person's key.
    """
    usable = [written for written, address in odd_addresses(people).items() if address]
    rows = Person.objects.filter(pk=OuterRef(person)).annotate(
        written=written_address(), length=Length("written")
    )
    return Exists(rows.filter(_IS_PLAIN | Q(written__in=usable)))
