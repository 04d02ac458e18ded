"""The second factor of an account: an authenticator application and recovery codes (R-B7).

Tries are counted like those of a password but apart from them, every refusal says the same, and
each act has its event in the journal.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.account.models import Account
from accounts.second_factor import journal
from accounts.session_ends.endings import close_sessions_elsewhere, end_account_sessions
from ent.audit.origin import Origin
from ent.web.client_address import address_group
from signin.enums import Realm
from signin.second_factor import totp
from signin.second_factor.models import Authenticator, RecoveryCode
from signin.second_factor.recovery_codes import replace_recovery_codes
from signin.second_factor.services import (
    SecondFactorCheck,
    check_second_factor,
    keep_authenticator,
)
from signin.throttle import services as throttle
from signin.throttle.services import WaitError


def authenticators_of(account: Account) -> QuerySet[Authenticator]:
    """Return the account's application, one row at most."""
    return Authenticator.objects.of(Realm.PORTAL, account.uuid)


def has_authenticator(account: Account) -> bool:
    """Has the account an application?"""
    return authenticators_of(account).exists()


def recovery_codes_left(account: Account) -> int:
    """Return how many recovery codes have not served yet."""
    return RecoveryCode.objects.filter(authenticator__in=authenticators_of(account)).count()


def propose(*, account: Account, sign_on: UUID, locked: str = "") -> totp.Proposal:
    """Draw a seed for the account, or open the one that its form carried."""
    return totp.propose(principal=account.uuid, sign_on=sign_on, label=account.login, locked=locked)


@transaction.atomic
def enrol(*, account: Account, sign_on: UUID, locked: str, code: str, origin: Origin) -> list[str]:
    """Keep the seed that the form carried, once its code is right; return the recovery codes.

    They are shown now and never again. The account's other sessions gave no code: they end, and so
    do those of sign-ins that are under way, by another epoch, which the caller's own session takes
    over. Raises `WrongCodeError` or `AlreadyEnrolledError`.
    """
    authenticator = keep_authenticator(
        realm=Realm.PORTAL, principal=account.uuid, sign_on=sign_on, locked=locked, code=code
    )
    journal.second_factor_enrolled(account, origin=origin)
    Account.objects.filter(pk=account.pk).update(epoch=F("epoch") + 1)
    account.refresh_from_db(fields=["epoch"])
    account.sessions.filter(sign_on=sign_on).update(epoch=account.epoch)
    close_sessions_elsewhere(account=account, keep=sign_on, origin=origin)
    return replace_recovery_codes(authenticator)


def prove(*, account: Account, typed: str, origin: Origin) -> SecondFactorCheck:
    """Check a code of the application or a recovery code, counted; raises `WaitError`."""
    source = throttle.source_of(
        login=_counted_as(account), address_group=address_group(origin.address or ""), device_id=""
    )
    admission = throttle.admit(source)
    if not admission.is_admitted:
        raise WaitError(admission.wait_seconds)
    with transaction.atomic():
        proof = check_second_factor(realm=Realm.PORTAL, principal=account.uuid, typed=typed)
        if proof:
            throttle.count_success(source, admission)
            journal.second_factor_proved(account, origin=origin, mode=_mode_of(proof))
        else:
            throttle.count_failure(source)
            journal.second_factor_refused(account, origin=origin)
    return proof


@transaction.atomic
def renew_recovery_codes(*, account: Account, origin: Origin) -> list[str]:
    """Replace all recovery codes; return the new ones, to be shown once."""
    authenticator = authenticators_of(account).select_for_update().get()
    journal.recovery_codes_renewed(account, origin=origin)
    return replace_recovery_codes(authenticator)


@transaction.atomic
def remove(*, account: Account, origin: Origin) -> None:
    """Take one's own application away; those who must have one install another at once."""
    if authenticators_of(account).delete()[0]:
        journal.second_factor_removed(account, origin=origin)


@transaction.atomic
def reset(*, account: Account, actor: UUID | None, origin: Origin | None = None) -> bool:
    """For a lost device: no application, no session, no wait left; return whether there was one.

    The password stays: the next sign-in needs it before another application is installed.
    """
    deleted, _ = authenticators_of(account).delete()
    end_account_sessions(account=account)
    forget_tries(account)
    journal.second_factor_reset(account, actor=actor, origin=origin)  # sessions ended in any case
    return bool(deleted)


def forget_tries(account: Account) -> None:
    """End the wait earned by wrong codes."""
    throttle.forget_login(_counted_as(account))


def _counted_as(account: Account) -> str:
    return f"second-factor:{account.uuid}"  # no login has a colon: counted apart from passwords


def _mode_of(proof: SecondFactorCheck) -> str:
    return "code-de-secours" if proof is SecondFactorCheck.RECOVERY else "application"
