"""How often mails announce one's messages."""

from __future__ import annotations

from messaging.enums import Frequency
from messaging.preferences.models import MailPreference


def frequency_of(*, person_id: int) -> Frequency:
    """Return the frequency in force: each message, unless something else was chosen."""
    found = MailPreference.objects.filter(pk=person_id).values_list("frequency", flat=True).first()
    return Frequency(found) if found is not None else Frequency.EACH


def choose_frequency(*, person_id: int, frequency: Frequency) -> None:
    """Keep the choice; it holds for the messages that are not announced yet."""
    MailPreference.objects.update_or_create(person_id=person_id, defaults={"frequency": frequency})
