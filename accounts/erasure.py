"""What erased persons leave in this room: open sessions, tickets and second factors.

Their accounts go by cascade; these are keyed by (realm, uuid) and do not.
"""

from __future__ import annotations

from collections.abc import Sequence

from accounts.account.models import Account
from signin.enums import Realm
from signin.second_factor.models import Authenticator
from signin.sessions.endings import end_sessions
from signin.sessions.models import Session
from sso.logout.endings import forget_subjects


def erase(person_ids: Sequence[int]) -> None:
    """End their sessions, so that services hear of it, and forget what their accounts opened."""
    accounts = Account.objects.filter(person__in=person_ids)
    principals = list(accounts.values_list("uuid", flat=True))
    end_sessions(sessions=Session.objects.of(Realm.PORTAL, *principals))
    forget_subjects(Realm.PORTAL, principals)
    Authenticator.objects.of(Realm.PORTAL, *principals).delete()
