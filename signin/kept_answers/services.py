"""Keeping the answer to a refused form for the browser that posted it, and giving it back."""

from __future__ import annotations

import hashlib
import json
import secrets
import zlib
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from ent.database import clock
from ent.sealing.boxes import SealError
from ent.sealing.keys import KeyRole, UnknownKeyError
from ent.sealing.locking import lock, unlock
from signin.kept_answers.models import KeptAnswer
from signin.sessions.store import sign_on_of

LIFETIME = timedelta(minutes=10)
MOST_OF_ONE_BROWSER = 5
MOST_OF_NOBODY = 2000
"""Answers kept for browsers where nobody is signed in: whoever posts without end fills no table."""
LONGEST = 300_000
"""Bytes of a page, compressed; more is not kept."""


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """A page as it was sent."""

    path: str
    status: int
    headers: dict[str, str]
    csp_replace: dict[str, None]
    """What the page leaves out of the content policy (`signin.form_ends`)."""
    text: str


def keep_answer(request: HttpRequest, answer: Answer) -> str:
    """Keep the answer and return the token that gives it back; "" when it is not kept."""
    sign_on = _sign_on(request)
    browser = _browser(request)
    content = zlib.compress(json.dumps(asdict(answer)).encode("utf-8"))
    if len(content) > LONGEST:
        return ""
    if sign_on is None and KeptAnswer.objects.filter(sign_on=None).count() >= MOST_OF_NOBODY:
        return ""
    kept = KeptAnswer.objects.filter(browser_hash=browser).order_by("-kept_at")
    too_old = list(kept.values_list("pk", flat=True)[MOST_OF_ONE_BROWSER - 1 :])
    KeptAnswer.objects.filter(pk__in=too_old).delete()
    token = secrets.token_urlsafe(16)
    KeptAnswer.objects.create(
        token_hash=_hash(token),
        browser_hash=browser,
        sign_on=sign_on,
        locked=lock(content, role=KeyRole.CARRIED, context=_context(browser, sign_on)),
        kept_at=clock.now(),
    )
    return token


def find_answer(request: HttpRequest, token: str) -> Answer | None:
    """Return what was kept for this browser and this sign-on; None when it is no more."""
    browser, sign_on = _browser(request), _sign_on(request)
    kept = KeptAnswer.objects.filter(
        token_hash=_hash(token),
        browser_hash=browser,
        sign_on=sign_on,
        kept_at__gt=clock.now() - LIFETIME,
    ).first()
    if kept is None:
        return None
    try:
        content = unlock(
            bytes(kept.locked), role=KeyRole.CARRIED, context=_context(browser, sign_on)
        )
    except (SealError, UnknownKeyError):
        return None
    answer = Answer(**json.loads(zlib.decompress(content)))
    return answer if answer.path == request.path else None


def purge_answers() -> None:
    """Forget the answers that are over."""
    KeptAnswer.objects.filter(kept_at__lte=clock.now() - LIFETIME).delete()


def forget_answers_of(sign_ons: tuple[UUID, ...]) -> None:
    """What a session was answered goes with the session."""
    KeptAnswer.objects.filter(sign_on__in=sign_ons).delete()


def _sign_on(request: HttpRequest) -> UUID | None:
    return sign_on_of(request) if request.session.session_key else None


def _browser(request: HttpRequest) -> bytes:
    """The cookie that Django gives every browser that was shown a form; it changes at sign-in."""
    return _hash(request.COOKIES.get(settings.CSRF_COOKIE_NAME, ""))


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _context(browser: bytes, sign_on: UUID | None) -> bytes:
    return b"kept answer:" + browser + (sign_on.bytes if sign_on is not None else b"")
