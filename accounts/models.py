"""The room's models, for Django: import each from its own module."""

from accounts.account.models import (
    Account,
    AccountBlock,
    ReservedLogin,
    SignInState,
    StaleAccessState,
)
from accounts.activation.models import ActivationCode, SealingBatchRow
from accounts.doors.base.models import Door, DoorHealth
from accounts.doors.bindings.models import DoorBinding, RefusedBinding
from accounts.doors.cas.models import CasServer
from accounts.doors.ldap.models import LdapDoor
from accounts.doors.returns.models import DoorSession, StoredReturn
from accounts.steps.models import TermsAcceptance, TermsText

__all__ = [
    "Account",
    "AccountBlock",
    "ActivationCode",
    "CasServer",
    "Door",
    "DoorBinding",
    "DoorHealth",
    "DoorSession",
    "LdapDoor",
    "RefusedBinding",
    "ReservedLogin",
    "SealingBatchRow",
    "SignInState",
    "StaleAccessState",
    "StoredReturn",
    "TermsAcceptance",
    "TermsText",
]
