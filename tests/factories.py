"""Objects for tests: each function makes one real row with sensible defaults.

Plain typed functions, so that a test says only what matters to it and mypy checks the rest.
Numbers come from one counter: nothing here is random, names are never equal by accident.
"""

from __future__ import annotations

import datetime
import itertools
from functools import cache
from typing import TYPE_CHECKING, Any

from accounts.enums import AccountKind, AccountState
from directory.enums import (
    AccessState,
    AuthorityKind,
    GroupKind,
    MembershipRole,
    Profile,
    Relationship,
    Role,
    Source,
)
from directory.models import (
    Affiliation,
    Authority,
    Group,
    Membership,
    Person,
    Responsibility,
    RoleGrant,
    School,
    Subject,
    Teaching,
)
from directory.names.folded import folded_names
from ent.text.folding import fold
from signin.passwords.hashers import PreauArgon2

if TYPE_CHECKING:
    from accounts.account.models import Account

PASSWORD = "un préau sous la pluie"

_numbers = itertools.count(1)


@cache
def password_hash() -> str:
    """The product's own hash of ``PASSWORD``, computed once per process (19 ms)."""
    return PreauArgon2().encode(PASSWORD, "salt-of-the-tests")


def make_authority(*, code: str = "", **fields: Any) -> Authority:
    """An academy."""
    number = next(_numbers)
    code = code or f"ACADEMIE-{number}"
    return Authority.objects.create(
        **{
            "code": code,
            "name": f"Académie {number}",
            "kind": AuthorityKind.ACADEMY,
            **fields,
        }
    )


def make_school(*, authority: Authority | None = None, name: str = "", **fields: Any) -> School:
    """An active school with an UAI of its own."""
    number = next(_numbers)
    name = name or f"Collège {number}"
    uai = fields.pop("uai", f"{540000 + number:07d}{'ABCDEFGHJKLMNPRSTUVWXYZ'[number % 23]}")
    town = fields.pop("town", "Nancy")
    postal_code = fields.pop("postal_code", "54000")
    return School.objects.create(
        authority=authority or make_authority(),
        **{
            "uai": uai,
            "name": name,
            "town": town,
            "postal_code": postal_code,
            "slug": f"{fold(name).replace(' ', '-')}-{uai.lower()}",
            "search_key": fold(f"{name} {town} {postal_code} {uai}"),
            "is_active": True,
            **fields,
        },
    )


def make_person(
    *,
    profile: Profile = Profile.PUPIL,
    school: School | None = None,
    given_name: str = "Camille",
    family_name: str = "",
    function_label: str = "",
    **fields: Any,
) -> Person:
    """A person, affiliated to *school* when one is given, without an account."""
    family_name = family_name or f"Personne{next(_numbers)}"
    sort_key, search_key = folded_names(
        family_name, given_name, fields.get("birth_name", ""), fields.get("other_names", "")
    )
    person = Person.objects.create(
        profile=profile,
        given_name=given_name,
        family_name=family_name,
        main_school=school,
        sort_key=sort_key,
        search_key=search_key,
        **fields,
    )
    if school is not None:
        affiliate(person=person, school=school, function_label=function_label)
    return person


def affiliate(*, person: Person, school: School, **fields: Any) -> Affiliation:
    """Put *person* in *school*."""
    return Affiliation.objects.create(
        person=person, school=school, **{"profile": person.profile, **fields}
    )


def make_account(
    *,
    person: Person,
    state: AccountState = AccountState.ACTIVE,
    kind: AccountKind = AccountKind.LOCAL,
    **fields: Any,
) -> Account:
    """An account whose password is ``PASSWORD`` (an academic one has none)."""
    from accounts.account.models import Account  # a realm without this room makes persons, too

    login = fields.pop("login", f"{fold(person.given_name)}.{fold(person.family_name)}")
    has_password = kind == AccountKind.LOCAL and state != AccountState.PENDING
    account = Account.objects.create(
        person=person,
        login=login.replace(" ", ""),
        kind=kind,
        state=state,
        password=password_hash() if has_password else "",
        **fields,
    )
    person.login = account.login
    person.access_state = AccessState(state)
    person.save(update_fields=["login", "access_state"])
    return account


def make_class(*, school: School, code: str = "4E3", **fields: Any) -> Group:
    """A class of *school*."""
    return Group.objects.create(
        school=school, **{"kind": GroupKind.CLASS, "code": code, "sort_key": fold(code), **fields}
    )


def put_in_group(
    *, person: Person, group: Group, role: MembershipRole = MembershipRole.PUPIL
) -> Membership:
    """Put *person* in a class or group."""
    return Membership.objects.create(person=person, group=group, role=role)


def make_teaching(*, person: Person, group: Group, label: str = "Mathématiques") -> Teaching:
    """*person* teaches a subject to *group*."""
    subject, _ = Subject.objects.get_or_create(
        authority=group.school.authority,
        code=fold(label).replace(" ", "")[:20],
        defaults={"label": label},
    )
    return Teaching.objects.create(person=person, group=group, subject=subject)


def make_child_of(*, guardian: Person, pupil: Person, **fields: Any) -> Responsibility:
    """*guardian* answers for *pupil* and is affiliated to the pupil's schools, as imports do."""
    link = Responsibility.objects.create(
        guardian=guardian,
        pupil=pupil,
        **{"relationship": Relationship.MOTHER, "level": 1, "is_legal": True, **fields},
    )
    for affiliation in pupil.affiliations.all():
        Affiliation.objects.get_or_create(
            person=guardian, school=affiliation.school, profile=guardian.profile
        )
    return link


def give_role(
    *,
    person: Person,
    role: Role,
    school: School | None = None,
    group: Group | None = None,
    authority: Authority | None = None,
    expires_on: datetime.date | None = None,
    source: Source = Source.MANUAL,
) -> RoleGrant:
    """A role in force, as a row: what the screens' service does is tested apart."""
    return RoleGrant.objects.create(
        person=person,
        role=role,
        school=school,
        group=group,
        authority=authority,
        expires_on=expires_on,
        source=source,
    )
