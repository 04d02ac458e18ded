"""Where the mails of a person go."""

from __future__ import annotations

from collections.abc import Iterable

from directory.models import Person
from ent.mail import is_mailable


def contact_address(person: Person) -> str:
    """Return where notices to *person* go, "" when no address is known."""
    return contact_addresses([person.pk]).get(person.pk, "")


def contact_addresses(person_ids: Iterable[int]) -> dict[int, str]:
    """Return the address of each of these persons who has one: one query."""
    rows = Person.objects.filter(pk__in=list(person_ids)).values_list("pk", "email")
    return {pk: email for pk, email in rows if is_mailable(email)}
