"""Blocking and restoring an account, with the word to its owner (T-C9)."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts.desk.blocking import block_account, unblock_account
from accounts.enums import AccountState
from accounts.models import Account
from directory.models import Person
from ent.audit.origin import Origin
from ent.pages.french import day_words
from messaging.notices.sending import notify_owner


@transaction.atomic
def block(
    *, account: Account, reason: str, last_day: date | None, actor: Person, origin: Origin
) -> bool:
    """Block, and tell the owner; return False when the account was blocked already."""
    locked = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if locked.state == AccountState.BLOCKED:
        return False
    block_account(
        account=account, actor=actor.uuid, reason=reason, last_day=last_day, origin=origin
    )
    until = f" jusqu’au {day_words(last_day)} inclus" if last_day is not None else ""
    notify_owner(
        person=account.person,
        subject="Votre compte est bloqué",
        body=f"Votre établissement a bloqué votre compte{until}\u00a0: vous ne pouvez plus vous "
        "connecter. Adressez-vous à son secrétariat.",
    )
    return True


@transaction.atomic
def restore(*, account: Account, actor: Person, origin: Origin) -> bool:
    """Open the account again, and tell its owner; return False when it was not blocked."""
    locked = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if locked.state != AccountState.BLOCKED:
        return False
    unblock_account(account=account, actor=actor.uuid, origin=origin)
    notify_owner(
        person=account.person,
        subject="Votre compte est rétabli",
        body="Votre établissement a rétabli votre compte\u00a0: connectez-vous avec le même "
        "identifiant et le même mot de passe qu’avant.",
    )
    return True
