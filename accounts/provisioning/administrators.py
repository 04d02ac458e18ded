"""People whom no feed brings: the first ENT administrator, and local accounts with a password."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.account.models import Account, ReservedLogin
from accounts.enums import AccountKind, AccountState
from accounts.provisioning.login_changes import is_reserved
from directory.enums import AccessState, Profile, Role, Source
from directory.models import Person, RoleGrant
from directory.names.folded import folded_names, name_keys
from ent.audit.enums import Act
from ent.audit.services import record
from ent.sealing.hashing import keyed_hashes
from ent.sealing.keys import KeyRole
from ent.text.folding import fold
from signin.passwords.hashing import hash_password

ADMINISTRATOR_PASSWORD_CHARACTERS = 15
"""The CNIL's and ANSSI's advice for who can open every account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedAdministrator:
    """What to tell the person at the keyboard."""

    person: Person
    account: Account


def check_administrator_password(password: str) -> None:
    """Raise ``ValidationError`` with French reasons when the password is too weak."""
    if len(password) < ADMINISTRATOR_PASSWORD_CHARACTERS:
        raise ValidationError(
            "Le mot de passe d’un administrateur compte au moins "
            f"{ADMINISTRATOR_PASSWORD_CHARACTERS} caractères."
        )
    if len(set(password)) < 5:
        raise ValidationError("Ce mot de passe répète trop les mêmes caractères.")
    validate_password(password)


@transaction.atomic
def create_administrator(
    *, given_name: str, family_name: str, password: str, login: str = "", email: str = ""
) -> CreatedAdministrator:
    """Create a person, an activated local account and the role of ENT administrator.

    There is no actor: who can run this already holds the machine. Raises ``ValidationError`` for
    a weak password or a login that is taken.
    """
    check_administrator_password(password)
    person = create_local_person(
        given_name=given_name, family_name=family_name, profile=Profile.GUEST, email=email
    )
    account = open_local_account(person=person, password=password, login=login)
    grant = RoleGrant.objects.create(
        person=person, role=Role.ENT_ADMINISTRATOR, source=Source.MANUAL
    )
    record(
        act=Act.ROLE_GRANTED,
        subject=person.uuid,
        details={"role": Role.ENT_ADMINISTRATOR.value, "grant": grant.uuid},
    )
    return CreatedAdministrator(person=person, account=account)


def create_local_person(
    *, given_name: str, family_name: str, profile: Profile, email: str = ""
) -> Person:
    """A person whom no feed brings, with the folded columns that search and sorting need."""
    if not fold(family_name) or not fold(given_name):
        raise ValidationError("Le nom et le prénom s’écrivent avec des lettres.")
    sort_key, search_key = folded_names(family_name, given_name)
    person = Person(
        profile=profile,
        given_name=given_name.strip(),
        family_name=family_name.strip(),
        email=email.strip(),
        source=Source.MANUAL,
        sort_key=sort_key,
        search_key=search_key,
    )
    person.full_clean(exclude=["main_school"])
    person.save()
    return person


def open_local_account(*, person: Person, password: str, login: str = "") -> Account:
    """An account with a password that its owner has chosen: active at once."""
    login = login.strip().lower() or free_login(
        given_name=person.given_name, family_name=person.family_name
    )
    account = Account(
        person=person,
        login=login,
        kind=AccountKind.LOCAL,
        state=AccountState.ACTIVE,
        activated_at=timezone.now(),
    )
    if is_reserved(login):
        raise ValidationError("Cet identifiant a appartenu à quelqu’un d’autre.")
    account.password = hash_password(password)
    account.full_clean(exclude=["password"])
    account.save()
    person.login = account.login
    person.access_state = AccessState.ACTIVE
    person.save(update_fields=["login", "access_state"])
    record(act=Act.ACCOUNT_CREATED, subject=person.uuid)
    return account


def free_login(*, given_name: str, family_name: str) -> str:
    """``prenom.nom`` as an import makes it, numbered when somebody has or had it (R-D3)."""
    base = name_keys(family_name, given_name, "")[2]
    numbered = re.compile(re.escape(base) + r"([0-9]*)")
    numbers = [
        int(found[1] or 1)
        for login in Account.objects.filter(login__startswith=base).values_list("login", flat=True)
        if (found := numbered.fullmatch(login))
    ]
    reserved = ReservedLogin.objects.filter(
        base_hash__in=keyed_hashes(KeyRole.LOGIN_HASH, base.encode())
    )
    last = max([*numbers, *reserved.values_list("last_number", flat=True)], default=0)
    return base if last == 0 else f"{base}{last + 1}"
