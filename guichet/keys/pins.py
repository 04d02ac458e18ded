"""Which PINs are refused, from whatever is known of the person and of the key (T-D11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from guichet.agents.models import AcademicCredential
from guichet.keys.models import OtpKey
from signin.passwords.hashing import is_password_of

_SHORTEST_PART = 4


def faults_of_pin(
    pin: str, *, digits: int, agent: AcademicCredential, key: OtpKey, last_code: str = ""
) -> list[str]:
    """Return why the PIN is refused, nothing when it is good. Compared with the former one, too."""
    if not (pin.isascii() and pin.isdigit() and len(pin) == digits):
        return [f"Le code PIN compte {digits}\u00a0chiffres."]
    found = list(_plain_faults(pin))
    found += [f"Le code PIN ne doit pas venir de {what}." for what in _personal(pin, agent, key)]
    if last_code and (pin in last_code or last_code in pin):
        found.append("Choisissez autre chose que le code que la clé vient d’afficher.")
    held = [hashed for hashed in (key.pin, key.former_pin) if hashed]
    if not found and any(is_password_of(hashed, pin) for hashed in held):
        found.append("Choisissez un autre code PIN que le précédent.")
    return found


def _plain_faults(pin: str) -> Iterator[str]:
    steps = [(int(b) - int(a)) % 10 for a, b in pairwise(pin)]
    if len(set(steps)) == 1 and steps[0] in (1, 9):
        yield "Le code PIN est une suite de chiffres."
    if len(set(pin)) <= 2 or any(
        len(pin) % size == 0 and pin == pin[:size] * (len(pin) // size)
        for size in range(1, len(pin) // 2 + 1)
    ):
        yield "Le code PIN répète toujours les mêmes chiffres."
    elif pin == pin[::-1] and len(pin) % 2 == 0 and _is_row(pin[: len(pin) // 2]):
        yield "Le code PIN est une suite de chiffres."


def _is_row(text: str) -> bool:
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(text)}
    return steps in ({1}, {9})


def _personal(pin: str, agent: AcademicCredential, key: OtpKey) -> Iterator[str]:
    person = agent.person
    birth = agent.birth_date or (person.birth_date if person is not None else None)
    if birth is not None and any(_meet(pin, form) for form in _birth_forms(birth)):
        yield "votre date de naissance"
    postal_codes = {agent.postal_code, person.postal_code if person is not None else ""}
    if any(_meet(pin, _figures(code)) for code in postal_codes if code):
        yield "votre code postal"
    phones = [agent.phone]
    if person is not None:
        phones += [person.home_phone, person.work_phone, person.mobile_phone]
    if any(pin in _figures(phone) for phone in phones if phone):
        yield "votre numéro de téléphone"
    if pin in _figures(key.serial) or _meet(pin, _figures(key.serial)):
        yield "le numéro de série de la clé"


def _birth_forms(day: date) -> set[str]:
    """Every way of writing a date with four figures or more, in any order of its parts."""
    return {
        day.strftime(form)
        for form in (
            *("%d%m%Y", "%d%m%y", "%m%d%Y", "%m%d%y", "%Y%m%d", "%y%m%d", "%Y%d%m", "%y%d%m"),
            *("%d%m", "%m%d", "%Y", "%m%Y", "%Y%m", "%m%y", "%y%m", "%d%y", "%y%d", "%d%Y", "%Y%d"),
        )
    }


def _meet(pin: str, figures: str) -> bool:
    """Is one within the other? Parts of less than four figures are in too many numbers."""
    return len(figures) >= _SHORTEST_PART and (figures in pin or pin in figures)


def _figures(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isdigit())
