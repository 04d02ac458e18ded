"""The mails that say that a message arrived.

A delivery is claimed (``notified_at``) in a statement of its own before its mail leaves: a worker
that is killed between the two loses that mail and never sends it twice. The message itself is in
the mailbox whatever happens.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from ent.jobs.services import enqueue
from ent.mail import Mail, portal_address, send
from messaging.addresses import contact_addresses
from messaging.enums import Frequency, MessageKind
from messaging.models import Delivery, DeliveryQuerySet, MailPreference, Message
from messaging.services.sending import ANNOUNCE

logger = logging.getLogger(__name__)

_BATCH = 200
_FAILURES = (smtplib.SMTPException, OSError)
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
    while batch := _unannounced(message, after=last):
        last = batch[-1].pk
        sent += _announce_to(message, batch)
    return sent


def _unannounced(message: Message, *, after: int) -> list[Delivery]:
    """Return the next deliveries to announce; those of a daily reminder wait for it."""
    rows = (
        Delivery.objects.filter(message=message, notified_at__isnull=True, pk__gt=after)
        .annotate(frequency=F("recipient__mail_preference__frequency"))
        .order_by("pk")
    )
    if message.kind != MessageKind.NOTICE:
        rows = rows.filter(~Q(frequency=Frequency.DAILY) | Q(frequency__isnull=True))
    return list(rows[:_BATCH])


def _announce_to(message: Message, batch: Sequence[Delivery]) -> int:
    addresses = contact_addresses(delivery.recipient_id for delivery in batch)
    sent = 0
    for delivery in batch:
        address = addresses.get(delivery.recipient_id, "")
        is_wanted = message.kind == MessageKind.NOTICE or (
            delivery.read_at is None and getattr(delivery, "frequency", "") != Frequency.NEVER
        )
        if not _claim(delivery) or not address or not is_wanted:
            continue
        sent += _send_or_give_back(_mail_of(message, delivery, address), [delivery.pk])
    return sent


def _claim(delivery: Delivery) -> bool:
    waiting = Delivery.objects.filter(pk=delivery.pk, notified_at__isnull=True)
    return bool(waiting.update(notified_at=timezone.now()))


def _send_or_give_back(mail: Mail, deliveries: Sequence[int]) -> int:
    """Send; when the server does not take it, the regular round tries again."""
    try:
        send(mail)
    except _FAILURES as failure:
        logger.warning("a notice could not be sent (%s)", type(failure).__name__)
        Delivery.objects.filter(pk__in=deliveries).update(notified_at=None)
        return 0
    return 1


def _mail_of(message: Message, delivery: Delivery, address: str) -> Mail:
    href = portal_address(reverse("messaging:message", args=[delivery.uuid]))
    if message.kind == MessageKind.NOTICE:
        return Mail(
            to=address,
            subject=message.subject,
            paragraphs=("Bonjour,", message.body),
            link_words="Ouvrir la messagerie de l’ENT",
            link_href=portal_address(reverse("messaging:mailbox")),
        )
    return Mail(
        to=address,
        subject="Nouveau message dans l’ENT",
        paragraphs=(
            "Bonjour,",
            "Un message vous attend dans la messagerie de l’ENT.",
            f"De\u00a0: {message.sender_name}\nObjet\u00a0: {message.subject}",
        ),
        link_words="Lire le message",
        link_href=href,
        after=(_WHY,),
    )


_WHY = (
    "Vous recevez ce courriel parce que vous avez un compte sur l’ENT. La fréquence de ces "
    "courriels se règle dans «\u00a0Mes préférences\u00a0»."
)


def announce_late() -> int:
    """Ask again for the mails that could not leave; a job that still runs changes nothing."""
    now = timezone.now()
    late = (
        Delivery.objects.filter(
            notified_at__isnull=True,
            message__sent_at__lt=now - _LATE_AFTER,
            message__sent_at__gt=now - _TRIED_FOR,
        )
        .exclude(
            ~Q(message__kind=MessageKind.NOTICE),
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
    for person_id in list(waiting.values_list("pk", flat=True)[:_BATCH]):
        sent += _remind(person_id, today)
    return sent


def _to_remind() -> DeliveryQuerySet:
    return Delivery.objects.filter(
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
    Delivery.objects.filter(pk__in=waiting).update(notified_at=timezone.now())
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
