"""The address that somebody chose for the ENT's mails, and the mails that confirm it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from directory.models import Person

#: A new address serves for recovery that long after it was confirmed: its owner, told at the old
#: one, has the time to react (T-C8).
RECOVERY_DELAY = timedelta(hours=24)
CONFIRMATION_VALIDITY = timedelta(hours=24)


class NotificationAddress(models.Model):
    """What replaces the address of the feed, once its owner confirmed it by a mail to it.

    An empty ``email`` is an address that was taken back: the feed's serves again.
    ``previous_email`` is what served for recovery before, and still does during the delay;
    ``replaced_email`` is who is told of the change.
    """

    person = models.OneToOneField(
        Person, models.CASCADE, primary_key=True, related_name="notification_address"
    )
    email = models.EmailField("adresse de notification", blank=True)
    confirmed_at = models.DateTimeField("confirmée le")
    previous_email = models.EmailField("adresse précédente", blank=True)
    replaced_email = models.EmailField("adresse à prévenir", blank=True)

    class Meta:
        verbose_name = "adresse de notification"
        verbose_name_plural = "adresses de notification"
        indexes = [models.Index(Upper("email"), name="notification_address_folded")]

    def __str__(self) -> str:
        return f"adresse de la personne {self.person_id}"


class AddressConfirmation(models.Model):
    """A mail to a new address, whose link makes it the notification address.

    Only the hash of the link's token is kept; the worker that sends the mail draws it. ``epoch`` is
    the account's when the change was asked: a new password or a block kills the link.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="address_confirmations")
    email = models.EmailField("nouvelle adresse")
    token_hash = models.BinaryField(max_length=32, null=True, blank=True, unique=True)
    epoch = models.PositiveIntegerField()
    asked_at = models.DateTimeField("demandée le")
    expires_at = models.DateTimeField("valable jusqu’au", db_index=True)
    used_at = models.DateTimeField("confirmée le", null=True, blank=True)
    killed_at = models.DateTimeField("remplacée le", null=True, blank=True)

    class Meta:
        verbose_name = "confirmation d’adresse"
        verbose_name_plural = "confirmations d’adresse"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("asked_at")), name="address_confirmation_expires"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(used_at__isnull=True, killed_at__isnull=True),
                name="address_confirmation_one_alive",
            ),
        ]

    def __str__(self) -> str:
        return f"confirmation {self.uuid}"
