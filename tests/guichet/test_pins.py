"""T-D11: which PINs are refused, each with its reason."""

from __future__ import annotations

from datetime import date

import pytest

from guichet.agents.models import AcademicCredential
from guichet.keys.models import OtpKey
from guichet.keys.pins import faults_of_pin
from signin.passwords.hashing import hash_password

AGENT = AcademicCredential(
    uid="odile", birth_date=date(1980, 3, 15), postal_code="54210", phone="06 12 34 98 71"
)


def faults(pin: str, *, last_code: str = "", former: str = "", digits: int = 6) -> str:
    key = OtpKey(serial="TST0987134", former_pin=former)
    return " ".join(faults_of_pin(pin, digits=digits, agent=AGENT, key=key, last_code=last_code))


@pytest.mark.parametrize(
    "pin",
    ["150380", "031580", "198003", "801503", "800315", "091980", "198047", "150394", "471503"],
)
def test_the_birth_date_in_any_form(pin: str) -> None:
    assert "date de naissance" in faults(pin)


@pytest.mark.parametrize(
    ("pin", "reason"),
    [
        ("542107", "code postal"),
        ("754210", "code postal"),
        ("349871", "téléphone"),
        ("098713", "numéro de série"),
        ("123456", "suite"),
        ("987654", "suite"),
        ("890123", "suite"),
        ("123321", "suite"),
        ("777777", "répète"),
        ("373737", "répète"),
        ("248248", "répète"),
        ("12345", "6\u00a0chiffres"),
        ("59031a", "6\u00a0chiffres"),
        ("٥٩٠٣١٧", "6\u00a0chiffres"),
    ],
)
def test_what_somebody_would_try(pin: str, reason: str) -> None:
    assert reason in faults(pin)


def test_the_code_that_the_key_displays_and_the_former_pin() -> None:
    assert "afficher" in faults("284751", last_code="284751")
    assert "précédent" in faults("590317", former=hash_password("590317"))
    assert not faults("590317", last_code="284751", former=hash_password("206894"))


def test_leading_zeros_count_and_a_shorter_setting_is_obeyed() -> None:
    assert not faults("009471")
    assert not faults("9471", digits=4)
    assert faults("1980", digits=4)
