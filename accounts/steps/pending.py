"""What a new session has to be told: terms to accept, an application, roles that bind to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

from django.utils import timezone

from accounts.account.models import Account
from accounts.account.perms import SECOND_FACTOR_ROLES
from accounts.steps import terms
from directory.authorities.second_factor import IS_BOUND_BY_AUTHORITY
from directory.authorities.second_factor import PARAMETERS as BINDING_PARAMETERS
from ent.database.prepared import fetch_one, statement
from signin.enums import Realm


def pending_steps_query(*, account: str, principal: str, person: str, authority: str) -> str:
    """Return the query of one `PendingSteps` row, for these SQL expressions."""
    return f"""
SELECT text.id, coalesce(text.is_accepted, true),
    EXISTS (
        SELECT FROM signin_authenticator held
         WHERE held.principal = {principal} AND held.realm = '{Realm.PORTAL.value}'),
    EXISTS (
        SELECT FROM directory_rolegrant held
         WHERE held.person_id = {person}
           AND (held.role = ANY(%(binding_roles)s::text[]) OR ({IS_BOUND_BY_AUTHORITY}))
           AND held.withdrawn_at IS NULL
           AND coalesce(held.expires_on >= (now() AT TIME ZONE 'Europe/Paris')::date, true))
FROM (VALUES (1)) AS always
LEFT JOIN LATERAL ({terms.current_text(account=account, authority=authority)})
    AS text (id, is_accepted) ON true
"""  # noqa: S608 - our own expressions


#: The parameters of `pending_steps_query`, but for its expressions' own and `now`.
PARAMETERS: Final[dict[str, Any]] = {
    "binding_roles": [role.value for role in SECOND_FACTOR_ROLES],
    **BINDING_PARAMETERS,
}
_FIND: Final = statement(
    pending_steps_query(
        account="%(account)s::bigint",
        principal="%(principal)s::uuid",
        person="%(person)s::bigint",
        authority="%(authority)s::bigint",
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingSteps:
    """What an account has to do before anything else, at the moment of a sign-in."""

    pending_terms: int | None
    """The text that holds and was not accepted."""
    has_application: bool
    is_bound: bool
    """Do the person's roles bind to a second factor?"""

    @classmethod
    def of_row(
        cls, text_id: int | None, is_accepted: bool, has_application: bool, is_bound: bool
    ) -> Self:
        """Read the row of `pending_steps_query`."""
        return cls(
            pending_terms=None if is_accepted else text_id,
            has_application=has_application,
            is_bound=is_bound,
        )


def find_pending_steps(account: Account) -> PendingSteps:
    """Read what waits for this account: one statement."""
    school = account.person.main_school
    parameters = {
        **PARAMETERS,
        "account": account.pk,
        "principal": account.uuid,
        "person": account.person_id,
        "authority": school.authority_id if school is not None else None,
        "now": timezone.now(),
    }
    row = fetch_one(_FIND, parameters)
    if row is None:
        raise RuntimeError("the statement always has its row")
    return PendingSteps.of_row(*row)
