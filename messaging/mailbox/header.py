"""The number of unread messages beside « Messagerie »."""

from __future__ import annotations

from django.http import HttpRequest

from messaging.mailbox.services import count_unread


def count_for(request: HttpRequest) -> int:
    """Return how many unread messages wait for whoever asks; read once per request."""
    known: int | None = getattr(request, "_messaging_unread", None)
    if known is None:
        person_id: int = request.user.person_id  # type: ignore[union-attr]
        known = count_unread(person_id=person_id)
        request._messaging_unread = known  # type: ignore[attr-defined]  # noqa: SLF001
    return known
