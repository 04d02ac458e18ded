"""The portal's realm: its principals are accounts (`signin.realms`)."""

from __future__ import annotations

from typing import Any, Final, cast
from urllib.parse import urlencode

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from accounts.account.models import Account
from accounts.account.perms import has_administrator_limits
from accounts.steps import services as steps
from directory.models import Person
from ent.database.prepared import make_object
from signin.enums import Method, Realm
from signin.realms import Principal, PrincipalQuery
from signin.sessions.methods import DEMAND


def _columns(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)  # noqa: SLF001


_ACCOUNT: Final = _columns(Account)
_PERSON: Final = _columns(Person)


def _account_of(values: tuple[Any, ...]) -> Account | None:
    account = make_object(Account, _ACCOUNT, values[: len(_ACCOUNT)])
    if account is not None:
        account.person = cast("Person", make_object(Person, _PERSON, values[len(_ACCOUNT) :]))
    return account


class PortalPolicy:
    """Who signs in to the portal, and by which pages."""

    realm = Realm.PORTAL
    principal_query = PrincipalQuery(
        columns=(*(f"a.{name}" for name in _ACCOUNT), *(f"p.{name}" for name in _PERSON)),
        joins="""
            LEFT JOIN accounts_account a ON a.uuid = s.principal
            LEFT JOIN directory_person p ON p.id = a.person_id
        """,
        build=_account_of,
    )

    def has_short_idle_limit(self, principal: Principal) -> bool:
        """Administrators open many files: 30 minutes."""
        return has_administrator_limits(cast("Account", principal))

    def sign_in_address(self, *, next_path: str) -> str:
        """Return the mire."""
        return f"{reverse('accounts:mire')}?{urlencode({'next': next_path})}"

    def pending_step(self, request: HttpRequest) -> str | None:
        """Password, second factor, terms (R-B7, R-B8)."""
        return steps.pending_step(request)

    def is_open_during_step(self, step: str, view_name: str) -> bool:
        """The step's own page, and those where its proof is given."""
        return steps.opens_during(step, view_name)

    def recent_proof_address(self, *, next_path: str) -> str:
        """Return the page that asks for the code, the password or the academy."""
        return f"{reverse('accounts:confirm_password')}?{urlencode({'next': next_path})}"

    def strength_address(self, *, required: Method, next_path: str) -> str:
        """Return the page that leads to the method's proof, or says that nothing can give it."""
        query = urlencode({DEMAND: required.value, "next": next_path})
        return f"{reverse('accounts:strength')}?{query}"
