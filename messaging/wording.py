"""Sentences of the mailbox: what happened, to how many."""

from __future__ import annotations

from messaging.enums import MailboxAct

_DONE = {
    MailboxAct.READ: ("marqué comme lu", "marqués comme lus"),
    MailboxAct.UNREAD: ("marqué comme non lu", "marqués comme non lus"),
    MailboxAct.ARCHIVE: ("archivé", "archivés"),
    MailboxAct.DELETE: (
        "mis à la corbeille, où il reste 30 jours",
        "mis à la corbeille, où ils restent 30 jours",
    ),
    MailboxAct.RESTORE: ("remis dans les reçus", "remis dans les reçus"),
}
NOTHING_TICKED = "Cochez d’abord les messages."
NOT_THERE = "Ces messages ne sont plus dans votre messagerie."
FILE_GONE = "Ce fichier est effacé\u00a0: les fichiers des bilans sont gardés 30 jours."


def of_act(act: MailboxAct, count: int) -> str:
    """« 3 messages archivés. »"""
    one, many = _DONE[act]
    return f"1 message {one}." if count == 1 else f"{count} messages {many}."
