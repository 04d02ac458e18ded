"""Messages, who received them, and the files that travel with them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from directory.models import Person
from ent.text.folding import fold
from messaging.enums import Folder
from messaging.kinds import CODE_PATTERN, LONGEST_CODE, PERSONAL, kind_of

#: How long a message without a file is kept.
LIFETIME = timedelta(days=365)
#: How long a deleted message waits in the bin.
IN_THE_BIN = timedelta(days=30)
LONGEST_SUBJECT = 200

_IN_INBOX = Q(archived_at__isnull=True, deleted_at__isnull=True)
_UNREAD = Q(read_at__isnull=True) & _IN_INBOX


class Message(models.Model):
    """What was written, once, whoever receives it.

    No sender means the ENT itself (« Préau »), or somebody who has been erased. A message lives
    until ``expires_at``: with files, until the first of them is destroyed.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("nature", max_length=LONGEST_CODE)
    sender = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="expéditeur"
    )
    subject = models.CharField("objet", max_length=LONGEST_SUBJECT)
    body = models.TextField("texte")
    search_key = models.TextField(
        editable=False, help_text="Objet, texte et expéditeur repliés, pour chercher."
    )
    sent_at = models.DateTimeField("envoyé le", default=timezone.now)
    expires_at = models.DateTimeField("supprimé le", db_index=True)

    class Meta:
        verbose_name = "message"
        ordering: ClassVar[list[str]] = ["-sent_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__regex=CODE_PATTERN), name="message_kind_format"
            ),
            models.CheckConstraint(
                condition=~Q(subject=""),
                name="message_has_subject",
                violation_error_message="Un message a un objet.",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("sent_at")), name="message_expires_after_it_was_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.uuid}"

    @property
    def sender_name(self) -> str:
        """Who wrote, as the list shows it."""
        if self.sender is not None:
            return self.sender.full_name
        return "Compte supprimé" if self.kind == PERSONAL.code else "Préau"

    @property
    def kind_label(self) -> str:
        """The kind, as the page of the message shows it."""
        return kind_of(self.kind).label


class Attachment(models.Model):
    """A stored file (`ent.files`) that a message carries; its bytes stay in their own store."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments")
    file_uuid = models.UUIDField("fichier", db_index=True)
    name = models.CharField("nom", max_length=150)
    size = models.PositiveBigIntegerField("taille (octets)")

    class Meta:
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"
        ordering: ClassVar[list[str]] = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["message", "file_uuid"], name="attachment_once"),
        ]

    def __str__(self) -> str:
        return f"pièce jointe {self.uuid}"


class MailboxEntryQuerySet(models.QuerySet["MailboxEntry"]):
    """Reads of a mailbox; a screen starts from ``of``."""

    def of(self, person_id: int) -> Self:
        """The mailbox of one person: what is past its date is not there any more."""
        return self.filter(recipient=person_id, message__expires_at__gt=timezone.now())

    def in_folder(self, folder: Folder) -> Self:
        """What one filter shows."""
        match folder:
            case Folder.UNREAD:
                return self.filter(_UNREAD)
            case Folder.ARCHIVED:
                return self.filter(archived_at__isnull=False, deleted_at__isnull=True)
            case Folder.TRASH:
                return self.filter(deleted_at__isnull=False)
            case _:
                return self.filter(_IN_INBOX)

    def unread_of(self, person_id: int) -> Self:
        """What the number in the header counts; one partial index answers."""
        return self.filter(_UNREAD, recipient=person_id)

    def matching(self, typed: str) -> Self:
        """Messages that hold every word typed, whatever the accents, case and order.

        Nothing but signs finds nothing. A mailbox holds a few hundred messages: the index of the
        recipient is enough.
        """
        words = fold(typed[:200]).split()
        if typed.strip() and not words:
            return self.none()
        found = self
        for word in words:
            found = found.filter(message__search_key__contains=word)
        return found

    def newest_first(self) -> Self:
        """As the list shows them, with what a row shows."""
        return self.select_related("message__sender").order_by("-id")


class MailboxEntry(models.Model):
    """A message in the mailbox of one recipient, and what they did with it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="entries")
    recipient = models.ForeignKey(Person, models.CASCADE, related_name="mailbox_entries")
    read_at = models.DateTimeField("lu le", null=True, blank=True)
    archived_at = models.DateTimeField("archivé le", null=True, blank=True)
    deleted_at = models.DateTimeField("mis à la corbeille le", null=True, blank=True)
    notified_at = models.DateTimeField(
        "annoncé le", null=True, blank=True, help_text="Vide tant qu’un courriel peut l’annoncer."
    )

    objects = MailboxEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "remise"
        ordering: ClassVar[list[str]] = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["message", "recipient"], name="mailbox_entry_once"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="mailbox_entry_mailbox"),
            models.Index(fields=["recipient"], name="mailbox_entry_unread", condition=_UNREAD),
            models.Index(
                fields=["message"],
                name="mailbox_entry_unannounced",
                condition=Q(notified_at__isnull=True),
            ),
            models.Index(
                fields=["deleted_at"],
                name="mailbox_entry_bin",
                condition=Q(deleted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"remise {self.uuid}"

    @property
    def is_unread(self) -> bool:
        """Was it never opened?"""
        return self.read_at is None

    @property
    def folder(self) -> Folder:
        """Where it lies."""
        if self.deleted_at is not None:
            return Folder.TRASH
        return Folder.ARCHIVED if self.archived_at is not None else Folder.INBOX
