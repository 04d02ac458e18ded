"""What ends by the calendar: keys, rescue passwords, agents whose last day has passed."""

from __future__ import annotations

from django.utils import timezone

from ent.audit.origin import COMMAND
from guichet.agents.models import AcademicCredential
from guichet.assistance.services import DeskAct, RefusedAct, change_key, close_agent
from guichet.authority.current import current_guichet
from guichet.enums import KeyEvent, KeyState, RescueState
from guichet.keys.models import HELD, OtpKey, RescuePassword


def expire_keys() -> int:
    """End what has ended; return how many keys. Safe to run twice."""
    now, today = timezone.now(), timezone.localdate()
    desk = DeskAct(guichet=current_guichet(), actor=None, origin=COMMAND)
    over = RescuePassword.objects.filter(state=RescueState.LIVE, valid_until__lt=now)
    over.update(state=RescueState.USED_UP)
    keys = OtpKey.objects.of(desk.guichet.authority).filter(expires_on__lt=today)
    count = 0
    for uuid in list(keys.filter(state__in=[*HELD, KeyState.STOCK]).values_list("uuid", flat=True)):
        try:
            change_key(uuid, KeyEvent.EXPIRED, desk)
            count += 1
        except RefusedAct:
            continue  # somebody of the desk was first
    agents = AcademicCredential.objects.of(desk.guichet.authority).present()
    for agent in agents.filter(ends_on__lt=today).select_related("authority", "person"):
        close_agent(agent, desk)
    return count
