"""What single sign-on forgets of erased persons (D9, T-M6), set-wise."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from sso.catalogue.models import ServiceGrant
from sso.release.models import ServiceIdentifier


@transaction.atomic
def erase(person_ids: Iterable[int]) -> None:
    """Delete opaque identifiers and named rights of these persons.

    The room of each realm forgets the tickets of its principals (`sso.logout.endings`).

    Identifiers are random: nothing keeps the erased ones from being drawn again but their 134 bits,
    and nothing of the person can be found from them.
    """
    persons = list(person_ids)
    ServiceGrant.objects.filter(person__in=persons).delete()
    ServiceIdentifier.objects.filter(person__in=persons).delete()
