"""Who signs in: accounts, activation codes, doors, sessions, counters, terms of use."""

from accounts.models.academic import (
    CasServer,
    DoorBinding,
    DoorHealth,
    DoorSession,
    RefusedBinding,
)
from accounts.models.accounts import Account, ReservedLogin, SignInState, StaleAccessState
from accounts.models.codes import ActivationCode, SealingBatchRow
from accounts.models.doors import Door
from accounts.models.second_factor import Authenticator, RecoveryCode
from accounts.models.sessions import LoginTicket, Session
from accounts.models.terms import TermsAcceptance, TermsText
from accounts.models.throttle import AddressTry, SlowAddress, ThrottleCounter, ThrottleShare

__all__ = [
    "Account",
    "ActivationCode",
    "AddressTry",
    "Authenticator",
    "CasServer",
    "Door",
    "DoorBinding",
    "DoorHealth",
    "DoorSession",
    "LoginTicket",
    "RecoveryCode",
    "RefusedBinding",
    "ReservedLogin",
    "SealingBatchRow",
    "Session",
    "SignInState",
    "SlowAddress",
    "StaleAccessState",
    "TermsAcceptance",
    "TermsText",
    "ThrottleCounter",
    "ThrottleShare",
]
