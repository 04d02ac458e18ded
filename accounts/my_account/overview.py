"""What « Mon compte » says of an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.account.models import Account, SignInState
from accounts.doors.base.models import Door
from accounts.doors.bindings.models import DoorBinding
from accounts.enums import AccountKind
from directory.models import RoleGrant
from ent.pages.names import calm_name


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountOverview:
    """The lines of the page, ready to be shown."""

    identity: list[tuple[str, str]]
    sign_in: list[tuple[str, str]]
    roles: list[tuple[str, str]]
    has_school: bool
    has_password: bool
    last_sign_in_at: datetime | None


def describe_account(account: Account) -> AccountOverview:
    """Read what the owner may know of their own account."""
    person = account.person
    state = SignInState.objects.filter(account=account).first()
    door = Door.objects.filter(code=state.last_door_code).first() if state else None
    school = person.main_school
    grants = (
        RoleGrant.objects.in_force()
        .filter(person=person)
        .select_related("school", "group", "authority")
    )
    return AccountOverview(
        identity=[
            ("Nom", person.family_name),
            ("Prénom", person.shown_given_name),
            ("Profil", person.get_profile_display()),
            *([("Établissement", calm_name(school.name))] if school else []),
        ],
        has_school=school is not None,
        sign_in=[
            ("Identifiant", _login_words(account, door)),
            ("Connexion par", _way_words(account, door)),
        ],
        roles=[(grant.get_role_display(), _scope_of(grant)) for grant in grants],
        has_password=account.kind == AccountKind.LOCAL,
        last_sign_in_at=state.last_sign_in_at if state else None,
    )


def _login_words(account: Account, door: Door | None) -> str:
    """What the owner types to come in: at an academy, the identifier that its door brought."""
    if account.kind == AccountKind.LOCAL:
        return account.login
    binding = DoorBinding.objects.filter(account=account, door=door).first() if door else None
    return binding.subject if binding is not None else "celui de votre compte académique"


def _way_words(account: Account, door: Door | None) -> str:
    if account.kind == AccountKind.LOCAL:
        return "mot de passe de l’ENT"
    return door.way_words if door is not None else "portail de votre académie"


def _scope_of(grant: RoleGrant) -> str:
    """Return where the role holds, in words."""
    if grant.group is not None:
        return f"classe {grant.group.code}"
    if grant.school is not None:
        return calm_name(grant.school.name)
    return grant.authority.name if grant.authority is not None else "tout le portail"
