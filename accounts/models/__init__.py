"""Who signs in: accounts, activation codes, doors, terms of use."""

from accounts.models.accounts import Account, ReservedLogin, SignInState
from accounts.models.codes import ActivationCode, SealingBatchRow
from accounts.models.doors import Door
from accounts.models.terms import TermsAcceptance, TermsText

__all__ = [
    "Account",
    "ActivationCode",
    "Door",
    "ReservedLogin",
    "SealingBatchRow",
    "SignInState",
    "TermsAcceptance",
    "TermsText",
]
