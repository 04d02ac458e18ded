"""What erased persons leave in this room: their academic identity, and keys that go back."""

from __future__ import annotations

from collections.abc import Sequence

from guichet.agents.models import AcademicCredential
from guichet.enums import KeySlot, KeyState
from guichet.keys.models import HELD, OtpKey
from signin.enums import Realm
from signin.sessions.endings import end_sessions
from signin.sessions.models import Session
from sso.logout.endings import forget_subjects


def erase(person_ids: Sequence[int]) -> None:
    """End their sessions and tickets, free their keys, delete their identity.

    A key that was still in somebody's hands stands « à récupérer », without a name; its last step
    and its drift stay.
    """
    agents = AcademicCredential.objects.filter(person__in=person_ids)
    principals = list(agents.values_list("uuid", flat=True))
    end_sessions(sessions=Session.objects.of(Realm.GUICHET, *principals))
    forget_subjects(Realm.GUICHET, principals)
    keys = OtpKey.objects.filter(holder__in=agents)
    keys.filter(state__in=HELD).update(state=KeyState.TO_RECOVER, slot=KeySlot.NONE)
    keys.update(holder=None)
    agents.delete()
