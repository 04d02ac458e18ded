"""Public pages from memory: rendered once, then a number to compare and an ETag.

Nothing of a person is in these pages, so one body serves every visitor; whoever is signed in gets
a page of their own, which is never kept. Each process keeps its own copies, and asks the database
before it serves one whether the site is still at the number at which it was rendered
(`SiteRevision`): what was published or withdrawn shows at the next request, wherever it arrives. A
copy ends, too, at the next moment at which something scheduled begins or ends; a change of the
directory (a school's name) shows within `KEPT_SECONDS`. Decision 0150.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.db.models import Min, Q, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone

from directory.models import School
from portal.enums import NewsState
from portal.models import DayMessage, NewsItem, SiteRevision

KEPT_SECONDS = 30


def number_of_portal() -> str:
    """The number of the portal's own pages."""
    found = SiteRevision.objects.filter(place=0).values_list("number", flat=True)
    return str(next(iter(found), 0))


def number_of_slug(slug: str) -> str:
    """The number of a school's site, by its address, in one statement."""
    schools = School.objects.active().filter(slug=slug)
    found = SiteRevision.objects.filter(place__in=schools.values("pk"))
    return str(next(iter(found.values_list("number", flat=True)), 0))


def number_of_all() -> str:
    """A number that changes with any site: each one only grows."""
    return str(SiteRevision.objects.aggregate(all=Sum("number"))["all"] or 0)


def next_turn(sites: Q) -> datetime | None:
    """The next moment at which something scheduled begins or ends on *sites*."""
    now = timezone.now()
    news = NewsItem.objects.filter(sites, state=NewsState.PUBLISHED).order_by()
    messages = DayMessage.objects.filter(sites).order_by()
    moments = [
        rows.filter(**{f"{name}__gt": now}).aggregate(first=Min(name))["first"]
        for rows in (news, messages)
        for name in ("shows_from", "shows_until")
    ]
    return min((moment for moment in moments if moment is not None), default=None)


@dataclass(frozen=True)
class _Copy:
    """A page as it was rendered, and how long it is the page."""

    number: str
    until: datetime | None
    tag: str
    body: bytes
    content_type: str

    def is_still_the_page(self, number: str) -> bool:
        return self.number == number and (self.until is None or timezone.now() < self.until)


def cached_answer(
    request: HttpRequest,
    *,
    key: str,
    number: str,
    sites: Q,
    render: Callable[[], HttpResponse],
) -> HttpResponse:
    """Answer from memory, or render and keep; 304 when the browser has this very page.

    *number* is that of the *sites* that the page shows, read before this call: what is rendered is
    never older. Browsers and proxies may keep the page, and ask each time whether it is still the
    one (a few hundred bytes): a page that was kept before a sign-in would show whoever signed in as
    a stranger. With a session's cookie, be it of one that ended, nothing is kept.
    """
    known: _Copy | None = cache.get(key)
    if known is None or not known.is_still_the_page(number):
        until = next_turn(sites)
        fresh = render()
        tag = f'"{hashlib.sha256(fresh.content).hexdigest()[:24]}"'
        known = _Copy(number, until, tag, fresh.content, fresh.headers["Content-Type"])
        cache.set(key, known, KEPT_SECONDS)
    # The weak comparison of RFC 9110, 13.1.2, on the one tag that this page has.
    asked = request.META.get("HTTP_IF_NONE_MATCH", "")
    response: HttpResponse
    if asked and known.tag in asked:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(known.body, content_type=known.content_type)
    response.headers["ETag"] = known.tag
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    response.headers["Cache-Control"] = "private, no-store" if has_session else "public, no-cache"
    return response
