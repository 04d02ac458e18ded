"""What an agent does to their own key."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ent.audit.origin import Origin
from guichet import journal
from guichet.agents.models import AcademicCredential
from guichet.assistance.notices import tell_owner
from guichet.assistance.services import DeskAct, change_key
from guichet.authority.models import Guichet
from guichet.enums import KeyEvent, KeySlot, KeyState
from guichet.journal import GuichetAct
from guichet.keys.models import KeyAct, OtpKey
from signin.passwords.hashing import hash_password


class NoKey(Exception):
    """There is no key in service: the page was open for too long."""


def key_in_service(agent: AcademicCredential) -> OtpKey | None:
    """Return the key that opens, None without one."""
    return OtpKey.objects.filter(holder=agent, slot=KeySlot.CURRENT).first()


def change_pin(agent: AcademicCredential, pin: str, *, origin: Origin) -> None:
    """Set another PIN for the key in service; its present passcode was proved a moment ago."""
    hashed, now = hash_password(pin), timezone.now()
    with transaction.atomic():
        held = OtpKey.objects.select_for_update().filter(holder=agent, slot=KeySlot.CURRENT)
        key = held.first()
        if key is None or key.state != KeyState.ACTIVE or not key.has_pin:
            raise NoKey
        key.former_pin, key.pin = key.pin, hashed
        key.save(update_fields=["pin", "former_pin"])
        KeyAct.objects.create(key=key, holder=agent, at=now, event=KeyEvent.PIN_SET, actor=agent)
        journal.of_oneself(GuichetAct.PIN_CHOSEN, agent, origin=origin, serial=key.serial)
        tell_owner(agent, KeyEvent.PIN_SET.value)


def report_lost(agent: AcademicCredential, *, guichet: Guichet, origin: Origin) -> None:
    """Disable one's own key at once; every session of theirs ends, this one too."""
    key = key_in_service(agent)
    if key is None:
        raise NoKey
    change_key(key.uuid, KeyEvent.LOST, DeskAct(guichet=guichet, actor=agent, origin=origin))
