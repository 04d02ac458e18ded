"""Agents and keys for tests, and a key in somebody's hand: what it displays, and when."""

from __future__ import annotations

import hashlib
import itertools
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.test import Client
from django.utils import timezone

from directory.models import Authority, Person
from guichet.agents.models import AcademicCredential
from guichet.authority.current import forget_guichet
from guichet.authority.models import Guichet
from guichet.enums import KeySlot, KeyState, PinState
from guichet.keys.codes import Clock
from guichet.keys.models import OtpKey
from guichet.keys.seeds import seal_seed
from signin.passwords.hashing import hash_password
from tests import factories as make
from tests.kit import canaries

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

AUTHORITY = "NANCY-METZ"
PIN = "590317"
PASSWORD = make.PASSWORD
REFUSED = "Identification incorrecte"
_numbers = itertools.count(1)
_pin_hash: list[str] = []


def make_guichet(**fields: Any) -> Guichet:
    """The guichet of Nancy-Metz."""
    forget_guichet()
    authority = Authority.objects.filter(code=AUTHORITY).first() or make.make_authority(
        code=AUTHORITY,
        name="Nancy-Metz",
        helpdesk_email="assistance@ac-nancy-metz.example",
        helpdesk_phone="03 83 00 00 00",
    )
    return Guichet.objects.create(
        authority=authority, **{"name": "Académie de Nancy-Metz", "colour": "#7a1f4b", **fields}
    )


def make_agent(
    uid: str = "", *, guichet: Guichet, person: Person | None = None, **fields: Any
) -> AcademicCredential:
    """An agent whose password is `PASSWORD`."""
    uid = uid or f"agent{next(_numbers)}"
    return AcademicCredential.objects.create(
        authority=guichet.authority,
        person=person,
        uid=uid,
        **{
            "family_name": "Zwingelstein",
            "given_name": "Odile",
            "password": make.password_hash(),
            "sort_key": uid,
            **fields,
        },
    )


@dataclass
class Fob:
    """A key in a hand: it keeps its own seed and its own time, `ahead` seconds before ours."""

    seed: bytes
    pk: int = 0
    interval: int = 60
    ahead: float = 0.0

    def code(self, *, after: int = 0) -> str:
        """Return what it displays now, or so many steps later."""
        step = int((time.time() + self.ahead) // self.interval) + after
        shown = Clock(seed=self.seed, interval=self.interval).code(step)
        canaries.watch(shown)
        return shown

    @property
    def row(self) -> OtpKey:
        """The key as the database knows it now."""
        return OtpKey.objects.get(pk=self.pk)


def make_key(
    holder: AcademicCredential | None,
    *,
    guichet: Guichet,
    state: KeyState = KeyState.ACTIVE,
    pin: str = PIN,
    **fields: Any,
) -> Fob:
    """A key of this holder, in service with `PIN` unless told otherwise."""
    number = next(_numbers)
    seed = hashlib.sha256(f"seed {number}".encode()).digest()[:20]
    serial = fields.pop("serial", f"TST{number:07d}")
    has_pin = state in (KeyState.ACTIVE, KeyState.LOCKED) and bool(pin)
    slots = {
        KeyState.ACTIVE: KeySlot.CURRENT,
        KeyState.LOCKED: KeySlot.CURRENT,
        KeyState.ASSIGNED: KeySlot.NEXT,
        KeyState.FIRST_USE: KeySlot.NEXT,
    }
    key = OtpKey.objects.create(
        authority=guichet.authority,
        serial=serial,
        sealed_seed=seal_seed(seed, authority=guichet.authority.uuid, serial=serial),
        state=state,
        holder=holder,
        slot=slots.get(state, KeySlot.NONE),
        **{
            "pin": pin_hash() if has_pin and pin == PIN else hash_password(pin) if has_pin else "",
            "pin_state": PinState.SET if has_pin else PinState.NONE,
            "first_use_until": timezone.now() + timedelta(days=30)
            if state in (KeyState.ASSIGNED, KeyState.FIRST_USE)
            else None,
            "assigned_at": timezone.now() if holder is not None else None,
            **fields,
        },
    )
    canaries.watch(seed.hex(), pin)
    return Fob(seed=seed, pk=key.pk)


def pin_hash() -> str:
    """The hash of `PIN`, computed once per process."""
    if not _pin_hash:
        _pin_hash.append(hash_password(PIN))
    return _pin_hash[0]


def enter(client: Client, uid: str, secret: str, *, query: str = "", **more: str) -> TestResponse:
    """Post the page with a password."""
    typed = {"username": uid, "password": secret, "methode": "mot-de-passe", **more}
    return client.post(f"/entrer/{query}", typed)


def enter_by_key(client: Client, uid: str, passcode: str, *, query: str = "") -> TestResponse:
    """Post the page with a passcode."""
    typed = {"username": uid, "passcode": passcode, "methode": "cle-otp"}
    return client.post(f"/entrer/{query}", typed)


def is_in(response: TestResponse) -> bool:
    """Did the form open a session that leads to the agent's page?"""
    return response.status_code == 303 and response.headers["Location"] == "/accueil/"
