"""Changing a login: the former one stays its owner's for ever (R-D3)."""

from __future__ import annotations

import re
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.account.logins import LOGIN_PATTERN
from accounts.account.models import Account, ReservedLogin
from accounts.provisioning import journal
from accounts.provisioning.logins import RESERVED_WORDS
from directory.models import Person
from ent.audit.origin import Origin
from ent.sealing.hashing import keyed_hash, keyed_hashes
from ent.sealing.keys import KeyRole

TAKEN = "Cet identifiant est déjà pris, ou a appartenu à quelqu’un d’autre."
_MISTAKABLE = "Cet identifiant ferait croire à un service\u00a0: choisissez-en un autre."
_SAME = "C’est déjà l’identifiant de ce compte."
_FORMAT = "Lettres sans accent, chiffres, points et tirets seulement."


def is_reserved(login: str) -> bool:
    """Did this login belong to somebody who gave it up, or whose account was erased?"""
    return ReservedLogin.objects.filter(
        base_hash__in=keyed_hashes(KeyRole.LOGIN_HASH, login.encode())
    ).exists()


def change_login(
    *, account: Account, login: str, actor: UUID | None, origin: Origin | None = None
) -> str:
    """Give the account another login and return the former one, which nobody gets any more.

    Raises `ValidationError` with the reason: malformed, taken, reserved, or the same.
    """
    former, wanted = account.login, login.strip().lower()
    if wanted == former:
        raise ValidationError(_SAME)
    if wanted in RESERVED_WORDS:
        raise ValidationError(_MISTAKABLE)
    try:
        with transaction.atomic():
            locked = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
            if is_reserved(wanted):
                raise ValidationError(TAKEN)
            former, locked.login = locked.login, wanted
            if not re.fullmatch(LOGIN_PATTERN, wanted):
                raise ValidationError(_FORMAT)
            locked.save(update_fields=["login"])
            ReservedLogin.objects.get_or_create(
                base_hash=keyed_hash(KeyRole.LOGIN_HASH, former.encode())
            )
            Person.objects.filter(pk=locked.person_id).update(login=wanted)
            journal.login_changed(locked, actor=actor, origin=origin)
    except IntegrityError:
        raise ValidationError(TAKEN) from None
    account.login = wanted
    return former
