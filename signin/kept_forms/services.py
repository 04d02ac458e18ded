"""Keeping a posted form until its author has proved again who they are, and giving it back once."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest

from ent.database import clock
from ent.sealing.boxes import SealError
from ent.sealing.keys import KeyRole, UnknownKeyError
from ent.sealing.locking import lock, unlock
from signin.kept_forms.models import KeptForm
from signin.sessions.store import sign_on_of

LIFETIME = timedelta(minutes=10)
MOST_OF_ONE_SESSION = 5
LONGEST = 200_000
"""Bytes of what was typed, as JSON; more is not kept."""
_OURS = frozenset({"csrfmiddlewaretoken"})
_SECRET = re.compile(r"password|secret")
"""Names of fields that are never kept: what they hold is to be typed again."""


@dataclass(frozen=True, slots=True, repr=False)
class PostedForm:
    """What was posted: where to, and the values of each field in their order."""

    path: str
    """Address with its query, on this portal."""
    shown_at: str
    """Address of the page that held the form: the same one, or that of a list with buttons."""
    fields: tuple[tuple[str, tuple[str, ...]], ...]
    had_files: bool = False
    """Files are not kept: they are to be chosen again."""


def keep_form(request: HttpRequest, *, page: str) -> str:
    """Keep what the request posts from a form of *page*, and return the token that gives it back.

    "" when it is too long. The oldest forms of a session make place for new ones. Passwords and
    files are not kept.
    """
    sign_on = sign_on_of(request)
    fields = [
        (name, values)
        for name, values in request.POST.lists()
        if name not in _OURS and not _SECRET.search(name)
    ]
    said = {
        "path": request.get_full_path(),
        "page": page,
        "fields": fields,
        "files": bool(request.FILES),
    }
    content = json.dumps(said).encode("utf-8")
    if sign_on is None or len(content) > LONGEST:
        return ""
    token = secrets.token_urlsafe(16)
    kept = KeptForm.objects.filter(sign_on=sign_on).order_by("-kept_at")
    too_old = list(kept.values_list("pk", flat=True)[MOST_OF_ONE_SESSION - 1 :])
    KeptForm.objects.filter(pk__in=too_old).delete()
    KeptForm.objects.create(
        token_hash=_hash(token),
        sign_on=sign_on,
        locked=lock(content, role=KeyRole.CARRIED, context=_context(sign_on)),
        kept_at=clock.now(),
    )
    return token


def take_form(request: HttpRequest, token: str) -> PostedForm | None:
    """Return what was kept under the token and forget it; None for another session, or too late."""
    sign_on = sign_on_of(request)
    if sign_on is None:
        return None
    found = KeptForm.objects.filter(
        token_hash=_hash(token), sign_on=sign_on, kept_at__gt=clock.now() - LIFETIME
    )
    kept = found.first()
    if kept is None or not found.delete()[0]:
        return None
    try:
        content = unlock(bytes(kept.locked), role=KeyRole.CARRIED, context=_context(sign_on))
    except (SealError, UnknownKeyError):
        return None
    said = json.loads(content)
    fields = tuple((str(name), tuple(map(str, values))) for name, values in said["fields"])
    return PostedForm(
        path=str(said["path"]),
        shown_at=str(said["page"]),
        fields=fields,
        had_files=bool(said["files"]),
    )


def purge_forms() -> None:
    """Forget the forms that nobody came back for."""
    KeptForm.objects.filter(kept_at__lte=clock.now() - LIFETIME).delete()


def forget_forms_of(sign_ons: tuple[UUID, ...]) -> None:
    """What a session had typed goes with the session."""
    KeptForm.objects.filter(sign_on__in=sign_ons).delete()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _context(sign_on: UUID) -> bytes:
    return b"kept form:" + sign_on.bytes
