"""« Bloquer le compte » or « Rétablir le compte » on a person's sheet."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from accounts.enums import AccountState
from accounts.models import Account
from directory.models import Person
from directory.rights.actors import actor_of
from directory.rights.acts import Act
from directory.rights.perms import can_block
from directory.sheets.registry import SheetAct


def blocking_acts(request: HttpRequest, person: Person) -> list[SheetAct]:
    """Give the one of the two that makes sense now; nothing to who may never do it."""
    actor = actor_of(request)
    account = Account.objects.filter(person=person).first()
    if account is None or not actor.may(Act.LIFE_CYCLE) or person.pk == actor.person_id:
        return []
    is_blocked = account.state == AccountState.BLOCKED
    label = "Rétablir le compte" if is_blocked else "Bloquer le compte"
    verdict = can_block(actor, person)
    if not verdict:
        return [SheetAct(label=label, reason=verdict.reason)]
    name = "credentials:restore" if is_blocked else "credentials:block"
    href = reverse(name, args=[person.uuid])
    return [SheetAct(label=label, href=href, icon="check" if is_blocked else "lock")]
