"""What the password of an account must be: its person, its school and its code are known here."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from accounts.account.models import Account
from accounts.account.perms import has_administrator_limits
from accounts.activation.models import ActivationCode
from directory.enums import Degree, Profile
from directory.models import Person, Record
from ent.text.folding import fold
from signin.passwords.rules import (
    SHORTEST_EVER,
    PasswordRules,
    ReceivedCode,
    forbidden_words,
)

_BIRTH_FORMS = ("%d%m%Y", "%d%m%y", "%Y%m%d", "%y%m%d", "%m%d%Y", "%m%d%y")


def rules_of(account: Account) -> PasswordRules:
    """Return the rules of the account; a handful of statements, on password pages only."""
    code = ActivationCode.objects.filter(account=account).first()
    return PasswordRules(
        minimum=minimum_length(account),
        tokens=tuple(_tokens(account)),
        code=ReceivedCode(
            verifier=bytes(code.verifier), principal=account.uuid, generation=code.generation
        )
        if code is not None
        else None,
    )


def minimum_length(account: Account) -> int:
    """Return the shortest password of the account: by role, degree and profile (a setting)."""
    lengths: dict[str, int] = settings.PASSWORD_MINIMUM_LENGTHS
    if has_administrator_limits(account):
        wanted = lengths["administrator"]
    elif account.person.profile == Profile.PUPIL and _is_of_first_degree(account.person):
        wanted = lengths["first_degree_pupil"]
    else:
        wanted = lengths["default"]
    return max(wanted, SHORTEST_EVER)


def _is_of_first_degree(person: Person) -> bool:
    degrees = set(Record.objects.filter(person=person).values_list("degree", flat=True))
    return degrees == {Degree.FIRST}


def _tokens(account: Account) -> Iterator[tuple[str, str]]:
    """Yield what the password must not contain, folded, with the words of the reason."""
    person = account.person
    yield from forbidden_words(account.login, "votre identifiant", joined=True)
    for name in (person.family_name, person.birth_name):
        yield from forbidden_words(name, "votre nom", joined=True)
    for name in (person.given_name, person.other_names):
        yield from forbidden_words(name, "votre prénom", joined=True)
    if person.ine:
        yield fold(person.ine)[:10], "votre INE"
    if person.birth_date is not None:
        for form in _BIRTH_FORMS:
            yield person.birth_date.strftime(form), "votre date de naissance"
    school = person.main_school
    if school is not None:
        yield school.uai.lower(), "le code de votre établissement"
        yield from forbidden_words(
            school.name, "le nom de votre établissement", joined=True, school=True
        )
