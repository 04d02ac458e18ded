"""The staff to try: they come in through their academy, which is told who they are.

Logins of an academy are an initial and a name, as in many; AAF does not know them. What an academy
says of them is their academic e-mail, which their first sign-in is matched by. Reims has a portal
that is not ours and reads `people.json`; Nancy-Metz has a guichet of ours (`demo.guichet`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count

from accounts.enums import AccountKind
from accounts.models import Account
from demo.authorities import academies
from demo.guichet.plan import PASSWORD, Plan, PlannedAgent, plan_path
from directory.enums import GroupKind, Profile, Relationship, Role, Source
from directory.models import (
    Affiliation,
    Authority,
    Group,
    Person,
    Responsibility,
    RoleGrant,
    School,
)
from ent.text.folding import fold

_MOST_PEOPLE = 400


@dataclass(frozen=True, slots=True)
class Try:
    """A line of the table."""

    who: str
    login: str
    secret: str
    door: str
    person_id: int = 0
    """Whose it is; 0 for a line that is of nobody in the directory."""


def academic_people(academy: Authority, school: School) -> list[Try]:
    """Tell each academy who its people are; return the lines of some of them."""
    logins: dict[int, str] = {}
    ours = _staff(academy)
    agents = [_agent(person, logins) for person in ours]
    portals, foreign = {}, []
    for code in academies():
        people = _staff(Authority.objects.get(code=code.upper()))
        foreign += people[:1]
        portals[code] = {
            _login(person, logins): {
                "password": PASSWORD,
                "attributes": {"mail": person.email, "nom": person.family_name},
            }
            for person in people
        }
    folder = settings.VAR_DIR / "demo" / "academy"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(portals, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "people.json").write_text(text, encoding="utf-8")
    lines = _lines(academy, school, logins)
    teachers = [logins[p.pk] for p in _at(school, Profile.TEACHER) if p.pk in logins]
    with_key, with_new_key = [*teachers, "", ""][:2]
    plan = Plan(agents=agents, with_key=with_key, with_new_key=with_new_key)
    plan.write(plan_path(settings.VAR_DIR))
    for person in foreign:
        place = person.main_school.authority if person.main_school else academy
        lines.append(_line("Agent d’une autre académie", person, logins, "Agent", place))
    return lines


def _agent(person: Person, logins: dict[int, str]) -> PlannedAgent:
    return PlannedAgent(
        uid=_login(person, logins),
        family_name=person.family_name,
        given_name=person.given_name,
        email=person.email,
        function=person.get_profile_display(),
    )


def _lines(academy: Authority, school: School, logins: dict[int, str]) -> list[Try]:
    teachers = [p for p in _at(school, Profile.TEACHER) if p.pk in logins]
    heads = [p for p in _at(school, Profile.HEAD) if p.pk in logins]
    managers = [p for p in _at(school, Profile.SCHOOL_LIFE) if p.pk in logins]
    managers += [p for p in _at(school, Profile.STAFF) if p.pk in logins]
    staff, teaching = "Personnel non enseignant", "Enseignant"
    lines = []
    if teachers:
        _make_parent(teachers[0], school)
        lines.append(_line("Enseignant, parent d’un élève", teachers[0], logins, teaching, academy))
    if len(teachers) > 1:
        _form_teacher(teachers[1], school)
        lines.append(_line("Professeur principal", teachers[1], logins, teaching, academy))
    if heads:
        _second_school(heads[0], school)
        lines.append(_line("Chef de deux établissements", heads[0], logins, staff, academy))
    if managers:
        _role(managers[0], Role.CREDENTIALS_MANAGER, school=school)
        who = "Gestionnaire des identifiants"
        lines.append(_line(who, managers[0], logins, staff, academy))
    return lines


def _line(
    who: str, person: Person, logins: dict[int, str], audience: str, academy: Authority
) -> Try:
    door = f"{audience}, portail académique ({academy.name[:1].lower()}{academy.name[1:]})"
    return Try(who, logins[person.pk], PASSWORD, door, person.pk)


def _staff(academy: Authority) -> list[Person]:
    """People of the feed with an e-mail that nobody else has, in a settled order."""
    accounts = Account.objects.filter(
        kind=AccountKind.ACADEMIC,
        person__records__authority=academy,
        person__left_at__isnull=True,
    ).exclude(person__email="")
    once = (
        Person.objects.filter(account__in=accounts)
        .values("email")
        .annotate(bearers=Count("id", distinct=True))
        .filter(bearers=1)
    )
    found = Person.objects.filter(account__in=accounts, email__in=once.values("email"))
    return list(found.order_by("main_school__uai", "sort_key", "pk").distinct()[:_MOST_PEOPLE])


def _at(school: School, profile: Profile) -> list[Person]:
    found = Person.objects.filter(main_school=school, profile=profile, left_at=None)
    return list(found.order_by("sort_key", "pk"))


def _login(person: Person, logins: dict[int, str]) -> str:
    """« jdupont », numbered within the demonstration when somebody has it already."""
    base = fold(person.given_name)[:1] + fold(person.family_name).replace(" ", "")
    login, number = base, 1
    while login in logins.values():
        number += 1
        login = f"{base}{number}"
    logins[person.pk] = login
    return login


def _form_teacher(person: Person, school: School) -> None:
    group = Group.objects.filter(school=school, kind=GroupKind.CLASS).order_by("code").first()
    if group is not None:
        _role(person, Role.FORM_TEACHER, group=group)


def _make_parent(person: Person, school: School) -> None:
    """Nobody in the feed teaches and answers for a pupil: this one does, by hand."""
    pupils = Person.objects.filter(main_school=school, profile=Profile.PUPIL, left_at=None)
    child = pupils.order_by("sort_key", "pk").last()
    if child is None:
        return
    Responsibility.objects.get_or_create(
        guardian=person,
        pupil=child,
        defaults={
            "relationship": Relationship.MOTHER if person.title == "Mme" else Relationship.FATHER,
            "level": 1,
            "is_legal": True,
            "source": Source.MANUAL,
        },
    )
    Affiliation.objects.get_or_create(
        person=person,
        school=school,
        profile=Profile.GUARDIAN,
        function_code="",
        post_code="",
        defaults={"source": Source.MANUAL},
    )


def _second_school(person: Person, school: School) -> None:
    """Nobody in the feed heads two schools: this one does, by hand."""
    second = (
        School.objects.active()
        .filter(authority=school.authority)
        .exclude(pk=school.pk)
        .order_by("uai")
        .first()
    )
    if second is None:
        return
    Affiliation.objects.get_or_create(
        person=person,
        school=second,
        profile=Profile.HEAD,
        function_code="",
        post_code="",
        defaults={"function_label": "Chef d’établissement", "source": Source.MANUAL},
    )
    for place in (school, second):
        _role(person, Role.SCHOOL_ADMINISTRATOR, school=place)


def _role(
    person: Person, role: Role, *, school: School | None = None, group: Group | None = None
) -> None:
    held = RoleGrant.objects.in_force().filter(person=person, role=role, school=school, group=group)
    if not held.exists():
        RoleGrant.objects.create(
            person=person, role=role, school=school, group=group, source=Source.MANUAL
        )
