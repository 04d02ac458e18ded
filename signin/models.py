"""The room's models, for Django: import each from its own module."""

from signin.form_tickets.models import LoginTicket
from signin.kept_answers.models import KeptAnswer
from signin.kept_forms.models import KeptForm
from signin.second_factor.models import Authenticator, RecoveryCode
from signin.sessions.models import Session
from signin.throttle.models import AddressTry, SlowAddress, ThrottleCounter, ThrottleShare

__all__ = [
    "AddressTry",
    "Authenticator",
    "KeptAnswer",
    "KeptForm",
    "LoginTicket",
    "RecoveryCode",
    "Session",
    "SlowAddress",
    "ThrottleCounter",
    "ThrottleShare",
]
