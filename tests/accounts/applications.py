"""Authenticator applications for tests: the seed on the person's side, codes by the clock."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

import pyotp
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from accounts.second_factor import services as second_factor
from ent.audit.origin import Origin
from signin.enums import Realm
from signin.second_factor.models import Authenticator
from signin.second_factor.totp import lock_seed
from tests import factories as make
from tests.accounts.signing import sign_in
from tests.kit import canaries

ENROL = "/premiers-pas/second-facteur/"
PROVE = "/premiers-pas/code/"
_SEED_FIELD = re.compile(r'name="seed" value="([^"]+)"')
_KEY_TEXT = re.compile(r'id="cle">([A-Z2-7 ]+)<')


@dataclass(frozen=True, slots=True)
class Application:
    """What runs on the telephone."""

    key_text: str

    def code(self, *, steps: int = 0) -> str:
        """Return the code of now, or of so many steps of 30 s later."""
        now = int(timezone.now().timestamp()) // 30
        return pyotp.HOTP(self.key_text).at(now + steps)


def install(account: Account) -> tuple[Application, list[str]]:
    """Give the account an application and recovery codes, as if enrolled long ago."""
    seed = b"12345678901234567890"
    Authenticator.objects.create(
        realm=Realm.PORTAL,
        principal=account.uuid,
        locked_seed=lock_seed(seed, realm=Realm.PORTAL, principal=account.uuid),
    )
    codes = second_factor.renew_recovery_codes(account=account, origin=Origin())
    canaries.watch(*codes)
    return Application(base64.b32encode(seed).decode()), codes


def application_shown_by(page: str) -> tuple[Application, str]:
    """Read the enrolment page as a telephone does: the key, and the form's locked seed."""
    key, seed = _KEY_TEXT.search(page), _SEED_FIELD.search(page)
    assert key is not None and seed is not None
    text = key[1].replace(" ", "")
    canaries.watch(text)
    return Application(text), seed[1]


def signed_in_with_application(account: Account) -> Client:
    """A browser in which password and code were given just now."""
    application, _ = install(account)
    client = Client()
    assert sign_in(client, account.login, make.PASSWORD).status_code == 303
    assert client.post(PROVE, {"code": application.code()}).status_code == 303
    return client
