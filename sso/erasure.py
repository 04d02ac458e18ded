"""What single sign-on forgets of erased persons (D9, T-M6), set-wise.

Nothing erases a person yet: see « Erasure » in docs/architecture.md for who will call this.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from sso.models import ProxyGrant, ServiceGrant, ServiceIdentifier, Ticket


@transaction.atomic
def erase(person_ids: Iterable[int]) -> None:
    """Delete opaque identifiers, named rights and tickets of these persons.

    Identifiers are random: nothing keeps the erased ones from being drawn again but their 134 bits,
    and nothing of the person can be found from them.
    """
    persons = list(person_ids)
    Ticket.objects.filter(account__person__in=persons).delete()
    ProxyGrant.objects.filter(account__person__in=persons).delete()
    ServiceGrant.objects.filter(person__in=persons).delete()
    ServiceIdentifier.objects.filter(person__in=persons).delete()
