"""Kinds of messages: each declares its label, its rule of mails and the words of its mail here.

A message keeps the code of its kind. The database checks the form of a code and holds no list, so
that a new kind needs no migration.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

#: Form of a code; the column `Message.kind` has this length.
LONGEST_CODE: Final = 20
CODE_PATTERN: Final = rf"^[a-z][a-z-]{{0,{LONGEST_CODE - 1}}}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWords:
    """What the mail about a message says; ``{sender}``, ``{subject}`` and ``{body}`` are filled in.

    The link opens the message, or the mailbox when the mail already holds the whole message.
    """

    subject: str
    paragraphs: tuple[str, ...]
    link_words: str
    links_to_message: bool = True

    def filled(self, *, sender: str, subject: str, body: str) -> MailWords:
        """Return the words of one message."""
        values = {"sender": sender, "subject": subject, "body": body}
        return replace(
            self,
            subject=self.subject.format(**values),
            paragraphs=tuple(paragraph.format(**values) for paragraph in self.paragraphs),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKind:
    """Why a message was written, and how its mail behaves.

    The mail of a kind that is held back follows the frequency which its reader chose, and is not
    sent once the message was read. The mail of any other kind always leaves.
    """

    code: str
    label: str
    is_held_back: bool
    mail: MailWords


_kinds: Final[dict[str, MessageKind]] = {}

#: The mail says that a message waits, without its text.
_WAITING: Final = MailWords(
    subject="Nouveau message dans l’ENT",
    paragraphs=(
        "Bonjour,",
        "Un message vous attend dans la messagerie de l’ENT.",
        "De\u00a0: {sender}\nObjet\u00a0: {subject}",
    ),
    link_words="Lire le message",
)
#: The mail holds the whole message.
_WHOLE: Final = MailWords(
    subject="{subject}",
    paragraphs=("Bonjour,", "{body}"),
    link_words="Ouvrir la messagerie de l’ENT",
    links_to_message=False,
)


def declare_kind(code: str, *, label: str, is_held_back: bool, mail: MailWords) -> MessageKind:
    """Declare a kind, once; a wrong placeholder in its mail's words raises `KeyError` at once."""
    mail.filled(sender="", subject="", body="")
    if code in _kinds:
        raise ValueError(f"two kinds of messages have the code {code!r}")
    _kinds[code] = MessageKind(code=code, label=label, is_held_back=is_held_back, mail=mail)
    return _kinds[code]


REPORT: Final = declare_kind("bilan", label="Bilan", is_held_back=True, mail=_WAITING)
NOTICE: Final = declare_kind("avis", label="Avis de sécurité", is_held_back=False, mail=_WHOLE)
PERSONAL: Final = declare_kind("personnel", label="Message", is_held_back=True, mail=_WAITING)


def kind_of(code: str) -> MessageKind:
    """Return the kind of that code; a code that is not declared any more is read as a report."""
    return _kinds.get(code, REPORT)


def codes_never_held_back() -> list[str]:
    """Return the codes of the kinds whose mail no preference holds back."""
    return [kind.code for kind in _kinds.values() if not kind.is_held_back]
