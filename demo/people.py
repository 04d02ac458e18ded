"""One person of each kind to try, and the table that the terminal shows at each start."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.account.access_state import copy_access_state
from accounts.enums import AccountKind, AccountState
from accounts.models import Account, ActivationCode
from accounts.provisioning.administrators import create_local_person, open_local_account
from demo.academic import Try, academic_people
from demo.authorities import AUTHORITIES
from demo.guichet.plan import PASSWORD
from demo.messages import greet
from demo.pronote_link import connect_pronote
from directory.enums import GroupKind, Profile, Role, Source
from directory.models import Affiliation, Authority, Person, RoleGrant, School
from ent.pages.names import calm_name
from ent.sealing.boxes import open_box
from signin.one_time_codes import display
from signin.passwords.hashing import hash_password

_DOOR_OF_OTHERS = "Autres comptes et invités"
_DOOR_OF_FAMILIES = "Élève ou parent, académie de Nancy-Metz"


@dataclass(frozen=True, slots=True)
class _Local:
    """A person whom no feed brings."""

    who: str
    given_name: str
    family_name: str
    profile: Profile
    role: Role | None
    function: str = ""


_LOCALS = (
    _Local("Administratrice de l’ENT", "Ariane", "Portail", Profile.LOCAL_AUTHORITY,
           Role.ENT_ADMINISTRATOR),
    _Local("Invité", "Octave", "Visiteur", Profile.GUEST, None),
)  # fmt: skip


@transaction.atomic
def create_people() -> list[Try]:
    """Make or find the accounts to try."""
    academy = Authority.objects.get(code=AUTHORITIES[0].code)
    school = _main_school(academy)
    table = [
        _pupil_with_code(school),
        _activated_pupil(school),
        _parent_of_two_pupils(school),
        _parent_of_two_schools(academy),
    ]
    table += academic_people(academy, school)
    table += [_local(local, school) for local in _LOCALS]
    lines = [line for line in table if line is not None]
    greet(line.login for line in lines)
    return lines + connect_pronote(school, _administrator(), lines)


def table_text(lines: list[Try]) -> str:
    """The table for the terminal; ``{url}`` is replaced by whoever knows the address."""
    headings = Try("Pour essayer comme", "Identifiant", "Mot de passe ou code", "Par la porte")
    rows = [headings, *lines]
    widths = [max(len(row) for row in column) for column in zip(*map(_cells, rows), strict=True)]
    text = ["  ".join(c.ljust(w) for c, w in zip(_cells(row), widths, strict=True)).rstrip()
            for row in rows]  # fmt: skip
    text.insert(1, "  ".join("-" * width for width in widths))
    text += [
        "",
        "Un code sert une fois : la première connexion fait choisir un mot de passe.",
        "« Portail académique » : cet identifiant et ce mot de passe se tapent chez l’académie.",
        "L’administrateur de l’ENT installe un second facteur à sa première connexion, comme en",
        "vrai : visez le carré avec une application d’authentification (FreeOTP, Aegis…), ou",
        "recopiez la clé. Pour recommencer : manage.py reset_second_factor IDENTIFIANT.",
        "Courriels envoyés : {url}/demonstration/courriels/",
    ]
    return "\n".join(text) + "\n"


def _cells(line: Try) -> tuple[str, str, str, str]:
    return (line.who, line.login, line.secret, line.door)


def _main_school(academy: Authority) -> School:
    """The first college of the academy: the one that most of the table is about."""
    school: School = (
        School.objects.active()
        .filter(authority=academy, kind_label="COLLEGE")
        .order_by("uai")[:1]
        .get()
    )
    return school


def _pupils(school: School) -> list[Account]:
    """Pupils of the school with an account, in a settled order."""
    return list(
        Account.objects.filter(
            kind=AccountKind.LOCAL,
            person__profile=Profile.PUPIL,
            person__main_school=school,
            person__left_at__isnull=True,
            person__memberships__group__kind=GroupKind.CLASS,
        )
        .select_related("person")
        .order_by("person__sort_key", "pk")
        .distinct()[:12]
    )


def _pupil_with_code(school: School) -> Try | None:
    for account in _pupils(school)[2:]:
        code = ActivationCode.objects.filter(account=account).select_related("batch").first()
        if code is not None and account.state == AccountState.PENDING:
            return Try(
                f"Élève avec un code ({calm_name(school.name)})",
                account.login,
                _open(account, code),
                _DOOR_OF_FAMILIES,
                account.person_id,
            )
    return None


def _open(account: Account, code: ActivationCode) -> str:
    """What the credential file says; only a process that holds the worker's key can."""
    plain = open_box(
        bytes(code.batch.header),
        bytes(code.box),
        account=account.uuid,
        generation=code.generation,
    )
    return display(plain.decode("ascii"))


def _activated_pupil(school: School) -> Try | None:
    accounts = _pupils(school)
    if not accounts:
        return None
    _activate(accounts[0])
    who = f"Élève ({calm_name(school.name)})"
    return Try(who, accounts[0].login, PASSWORD, _DOOR_OF_FAMILIES, accounts[0].person_id)


def _parent_of_two_pupils(school: School) -> Try | None:
    """A parent of two pupils of one school."""
    here = Q(person__children_links__pupil__main_school=school)
    found = _parents_of_two(here).filter(person__main_school=school)
    return _parent(f"Parent de deux élèves ({calm_name(school.name)})", found)


def _parent_of_two_schools(academy: Authority) -> Try | None:
    found = (
        _parents_of_two(Q())
        .filter(person__affiliations__school__authority=academy)
        .annotate(schools=Count("person__affiliations__school", distinct=True))
        .filter(schools=2)
    )
    return _parent("Parent de deux enfants dans deux établissements", found)


def _parents_of_two(which: Q) -> QuerySet[Account]:
    """Accounts of parents who answer for two of these children."""
    return (
        Account.objects.filter(
            kind=AccountKind.LOCAL,
            person__profile=Profile.GUARDIAN,
            person__left_at__isnull=True,
        )
        .annotate(
            children=Count(
                "person__children_links__pupil",
                filter=Q(person__children_links__is_legal=True) & which,
                distinct=True,
            )
        )
        .filter(children=2)
    )


def _parent(who: str, found: QuerySet[Account]) -> Try | None:
    account = found.select_related("person").order_by("person__sort_key", "login").first()
    if account is None:
        return None
    _activate(account)
    return Try(who, account.login, PASSWORD, _DOOR_OF_FAMILIES, account.person_id)


def _activate(account: Account) -> None:
    """As if its owner had typed the code and chosen our password."""
    if account.state == AccountState.ACTIVE:
        return
    ActivationCode.objects.filter(account=account).delete()
    account.password = hash_password(PASSWORD)
    account.state = AccountState.ACTIVE
    account.activated_at = timezone.now()
    account.save(update_fields=["password", "state", "activated_at"])
    copy_access_state(account_id=account.pk)


def _local(local: _Local, school: School) -> Try:
    account = (
        Account.objects.filter(
            person__source=Source.MANUAL,
            person__given_name=local.given_name,
            person__family_name=local.family_name,
        )
        .order_by("pk")
        .first()
    ) or _new_local(local, school)
    return Try(local.who, account.login, PASSWORD, _DOOR_OF_OTHERS, account.person_id)


def _administrator() -> Person:
    """Who sets the portal, where the demonstration acts as an ENT administrator."""
    held = RoleGrant.objects.in_force().filter(role=Role.ENT_ADMINISTRATOR, source=Source.MANUAL)
    return held.select_related("person").earliest("pk").person


def _new_local(local: _Local, school: School) -> Account:
    person = create_local_person(
        given_name=local.given_name, family_name=local.family_name, profile=local.profile
    )
    if local.role != Role.ENT_ADMINISTRATOR:
        person.main_school = school
        person.save(update_fields=["main_school"])
        Affiliation.objects.create(
            person=person,
            school=school,
            profile=local.profile,
            function_label=local.function,
            source=Source.MANUAL,
        )
    if local.role is not None:
        _give_role(person, local.role)
    return open_local_account(person=person, password=PASSWORD)


def _give_role(person: Person, role: Role) -> None:
    RoleGrant.objects.create(person=person, role=role, source=Source.MANUAL)


def write_table(lines: list[Try]) -> None:
    """Leave the table where the supervisor of the demonstration reads it."""
    folder = settings.VAR_DIR / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "accounts.txt").write_text(table_text(lines), encoding="utf-8")
