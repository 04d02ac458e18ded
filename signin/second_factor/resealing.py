"""Locking the seeds of second factors again under the current key, after a rotation."""

from __future__ import annotations

import logging

from django.db import transaction

from ent.sealing.keys import KEY_ID_BYTES, KeyRole, current_key
from signin.enums import Realm
from signin.second_factor.models import Authenticator
from signin.second_factor.totp import lock_seed, open_seed

logger = logging.getLogger(__name__)


def reseal_second_factors() -> int:
    """Lock again each seed that is under a former key; return how many.

    Recovery codes are hashed and cannot be hashed again: those of before a rotation go on working
    until the former hash key is retired, and are then to be replaced by their owners.
    """
    current = current_key(KeyRole.SECOND_FACTOR).id
    count = 0
    for pk in list(Authenticator.objects.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update()
            authenticator = row.filter(pk=pk).first()
            if authenticator is None or bytes(authenticator.locked_seed)[:KEY_ID_BYTES] == current:
                continue
            count += _lock_again(authenticator)
    return count


def _lock_again(authenticator: Authenticator) -> int:
    seed = open_seed(authenticator)
    if seed is None:
        logger.warning("a second factor does not open: reset it")
        return 0
    authenticator.locked_seed = lock_seed(
        seed, realm=Realm(authenticator.realm), principal=authenticator.principal
    )
    authenticator.save(update_fields=["locked_seed"])
    return 1
