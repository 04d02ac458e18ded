"""Closed vocabularies of the mailbox."""

from __future__ import annotations

from django.db.models import TextChoices


class Folder(TextChoices):
    """The filters of the mailbox."""

    INBOX = "recus", "Reçus"
    UNREAD = "non-lus", "Non lus"
    ARCHIVED = "archives", "Archivés"
    TRASH = "corbeille", "Corbeille"


class MailboxAct(TextChoices):
    """What may be done to the ticked messages, in the words of the buttons."""

    READ = "lire", "Marquer lu"
    UNREAD = "non-lire", "Marquer non lu"
    ARCHIVE = "archiver", "Archiver"
    DELETE = "supprimer", "Supprimer"
    RESTORE = "restaurer", "Remettre dans les reçus"


class Frequency(TextChoices):
    """How often a mail says that messages arrived."""

    EACH = "chaque", "À chaque message"
    DAILY = "jour", "Une fois par jour"
    NEVER = "jamais", "Jamais"
