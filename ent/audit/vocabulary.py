"""The closed vocabulary of the journal, which each room may extend with acts of its own.

    @vocabulary(details=("campaign", "recipients"))
    class MailingAct(models.TextChoices):
        STARTED = "mailing:started", "Diffusion lancée"

An act is a member of a registered enumeration, never a bare string, so that a misspelt word does
not pass the type checker, nor `record`. The details of an event have closed names too: the journal
outlives what it speaks of and must never become a second directory.
"""

import re
from collections.abc import Callable, Iterable
from typing import TypeVar, overload

from django.db.models import TextChoices

from ent.text.folding import fold

_WORD = re.compile(r"^[a-z][a-z-]*(:[a-z][a-z-]*){1,2}$")
_KEY = re.compile(r"^[a-z][a-z_]*$")
Vocabulary = TypeVar("Vocabulary", bound=type[TextChoices])

_classes: set[type[TextChoices]] = set()
_labels: dict[str, str] = {}
_details: set[str] = {
    # identifiers
    "job", "file", "delivery", "role", "grant", "group", "news", "service", "version", "reference",
    # counts
    "count", "schools", "created", "updated", "removed", "restored", "unchanged", "anomalies",
    "failures", "bytes",
    # short words out of closed lists
    "reason", "profile", "kind", "state", "before", "after", "field", "fields", "month", "since",
    "until", "scope", "format", "page", "door", "degree", "mode", "generation", "attempts",
}  # fmt: skip


@overload
def vocabulary(enumeration: Vocabulary, /) -> Vocabulary: ...


@overload
def vocabulary(*, details: Iterable[str]) -> Callable[[Vocabulary], Vocabulary]: ...


def vocabulary(
    enumeration: Vocabulary | None = None, /, *, details: Iterable[str] = ()
) -> Vocabulary | Callable[[Vocabulary], Vocabulary]:
    """Register the decorated `TextChoices` as acts, with the names of the details they carry."""

    def register(registered: Vocabulary) -> Vocabulary:
        for member in registered:
            if not _WORD.match(member.value) or len(member.value) > 80:
                raise ValueError(f"{member.value!r}: an act is `object:what`, in lower case")
            if member.value in _labels:
                raise ValueError(f"{member.value}: two vocabularies hold this act")
        for key in details:
            if not _KEY.match(key):
                raise ValueError(f"{key!r}: a detail is one lower-case name")
        _classes.add(registered)
        _labels.update({member.value: str(member.label) for member in registered})
        _details.update(details)
        return registered

    return register if enumeration is None else register(enumeration)


def is_act(act: object) -> bool:
    """Is it a member of a registered vocabulary?"""
    return type(act) in _classes


def is_detail(key: str) -> bool:
    """May an event carry a detail of this name?"""
    return key in _details


def label_of(act: str) -> str:
    """Return the French label of an act as it was written, the word itself when it is retired."""
    return _labels.get(act, act)


def act_choices() -> list[tuple[str, str]]:
    """Return every act with its label, for the filter of a screen."""
    return sorted(_labels.items(), key=lambda choice: fold(choice[1]))
