"""The mails that say that a message arrived.

An entry is claimed (``notified_at``) in a statement of its own before its mail leaves: a worker
that is killed between the two loses that mail and never sends it twice; a mail in doubt is not sent
again, one that the server refuses for good neither. The message itself is in the mailbox whatever
happens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from directory.models import School
from directory.schools.web import signature_of
from ent.jobs.services import enqueue
from ent.mail.messages import Mail, Sent, deliver, portal_address
from messaging.addresses.known import contact_addresses
from messaging.enums import Frequency
from messaging.kinds import codes_never_held_back, kind_of
from messaging.mailbox.models import MailboxEntry, MailboxEntryQuerySet, Message
from messaging.notices.sending import ANNOUNCE
from messaging.preferences.models import MailPreference

_BATCH = 200
#: Mails that could not leave are tried again that long, by the regular round.
_TRIED_FOR = timedelta(hours=24)
_LATE_AFTER = timedelta(minutes=5)
#: The reminder of the day leaves in the morning, and never in the quiet hours.
_FIRST_HOUR, _LAST_HOUR = 7, 20


def announce(*, message_uuid: UUID) -> int:
    """Send the mails that one message calls for; return how many left (worker)."""
    message = Message.objects.filter(uuid=message_uuid).first()
    if message is None:
        return 0
    sent, last = 0, 0
    with suppress(_NoServerError):  # the regular round asks again, for the others too
        while batch := _unannounced(message, after=last):
            last = batch[-1].pk
            for taken in _announce_to(message, batch):
                sent += taken
    return sent


class _NoServerError(Exception):
    """There is no connection to the mail server: nobody else is tried now."""


def _unannounced(message: Message, *, after: int) -> list[MailboxEntry]:
    """Return the next entries to announce; those of a daily reminder wait for it."""
    rows = (
        MailboxEntry.objects.filter(message=message, notified_at__isnull=True, pk__gt=after)
        .select_related("recipient__main_school")
        .annotate(frequency=F("recipient__mail_preference__frequency"))
        .order_by("pk")
    )
    if kind_of(message.kind).is_held_back:
        rows = rows.filter(~Q(frequency=Frequency.DAILY) | Q(frequency__isnull=True))
    return list(rows[:_BATCH])


def _announce_to(message: Message, batch: Sequence[MailboxEntry]) -> Iterator[int]:
    addresses = contact_addresses(entry.recipient_id for entry in batch)
    is_held_back = kind_of(message.kind).is_held_back
    signatures: dict[int | None, tuple[str, str]] = {}
    for entry in batch:
        address = addresses.get(entry.recipient_id, "")
        is_wanted = not is_held_back or (
            entry.read_at is None and getattr(entry, "frequency", "") != Frequency.NEVER
        )
        if not _claim(entry) or not address or not is_wanted:
            continue
        school: School | None = entry.recipient.main_school
        key = school.pk if school is not None else None
        if key not in signatures:
            signatures[key] = signature_of(school)
        mail = _mail_of(message, entry, address, signatures[key])
        yield _send_or_give_back(mail, [entry.pk])


def _claim(entry: MailboxEntry) -> bool:
    waiting = MailboxEntry.objects.filter(pk=entry.pk, notified_at__isnull=True)
    return bool(waiting.update(notified_at=timezone.now()))


def _send_or_give_back(mail: Mail, entries: Sequence[int]) -> int:
    """Send; what the server may still take, the regular round tries again."""
    outcome = deliver(mail)
    if not outcome.is_over:
        MailboxEntry.objects.filter(pk__in=entries).update(notified_at=None)
    if outcome is Sent.NO_SERVER:
        raise _NoServerError
    return int(outcome is Sent.TAKEN)


def _mail_of(
    message: Message, entry: MailboxEntry, address: str, signature: tuple[str, str]
) -> Mail:
    kind = kind_of(message.kind)
    words = kind.mail.filled(sender=message.sender_name, subject=message.subject, body=message.body)
    href = (
        reverse("messaging:message", args=[entry.uuid])
        if words.links_to_message
        else reverse("messaging:mailbox")
    )
    return Mail(
        to=address,
        subject=words.subject,
        paragraphs=words.paragraphs,
        link_words=words.link_words,
        link_href=portal_address(href),
        after=(_WHY,) if kind.is_held_back else (),
        signature=signature[0],
        home=signature[1],
    )


_WHY = (
    "Vous recevez ce courriel parce que vous avez un compte sur l’ENT. La fréquence de ces "
    "courriels se règle dans «\u00a0Mes préférences\u00a0»."
)


def announce_late() -> int:
    """Ask again for the mails that could not leave; a job that still runs changes nothing."""
    now = timezone.now()
    late = (
        MailboxEntry.objects.filter(
            notified_at__isnull=True,
            message__sent_at__lt=now - _LATE_AFTER,
            message__sent_at__gt=now - _TRIED_FOR,
        )
        .exclude(
            ~Q(message__kind__in=codes_never_held_back()),
            recipient__mail_preference__frequency=Frequency.DAILY,
        )
        .order_by("message")
        .values_list("message__uuid", flat=True)
        .distinct()
    )
    uuids = list(late[:_BATCH])
    for message_uuid in uuids:
        enqueue(kind=ANNOUNCE, params={"message": message_uuid})
    return len(uuids)


def send_daily_reminders() -> int:
    """Send the reminder of the day to those who asked for one and have unread messages."""
    now = timezone.localtime()
    if not _FIRST_HOUR <= now.hour < _LAST_HOUR:
        return 0
    today = now.date()
    waiting = (
        MailPreference.objects.filter(frequency=Frequency.DAILY)
        .filter(Q(last_digest_on__isnull=True) | Q(last_digest_on__lt=today))
        .filter(person__in=_to_remind().values("recipient"))
        .order_by("pk")
    )
    sent = 0
    with suppress(_NoServerError):
        for person_id in list(waiting.values_list("pk", flat=True)[:_BATCH]):
            sent += _remind(person_id, today)
    return sent


def _to_remind() -> MailboxEntryQuerySet:
    return MailboxEntry.objects.filter(
        notified_at__isnull=True, read_at__isnull=True, deleted_at__isnull=True
    )


def _remind(person_id: int, today: date) -> int:
    """Claim the day, then send one mail for everything that waits."""
    claimed = MailPreference.objects.filter(pk=person_id).filter(
        Q(last_digest_on__isnull=True) | Q(last_digest_on__lt=today)
    )
    if not claimed.update(last_digest_on=today):
        return 0
    waiting = list(_to_remind().filter(recipient=person_id).values_list("pk", flat=True))
    MailboxEntry.objects.filter(pk__in=waiting).update(notified_at=timezone.now())
    address = contact_addresses([person_id]).get(person_id, "")
    if not address or not waiting:
        return 0
    count = len(waiting)
    plural = "s" if count > 1 else ""
    verb = "attendent" if count > 1 else "attend"
    mail = Mail(
        to=address,
        subject=f"{count} message{plural} non lu{plural} dans l’ENT",
        paragraphs=(
            "Bonjour,",
            f"{count} message{plural} non lu{plural} vous {verb} dans la messagerie de l’ENT.",
        ),
        link_words="Ouvrir la messagerie",
        link_href=portal_address(reverse("messaging:mailbox")),
        after=(_WHY,),
    )
    return _send_or_give_back(mail, waiting)
