"""The data of a page's frame: whose portal it is, where one is, who is signed in.

The kernel knows neither portal nor accounts. The room that does (``portal``) supplies a builder,
named by the setting ``PAGE_CHROME``; without it the frame shows the platform's own name. Templates
read ``chrome.…`` and nothing else about the frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Link:
    """A place to go, with the words that name it; *count* things wait there."""

    label: str
    href: str
    icon: str = ""
    is_current: bool = False
    count: str = ""
    count_noun: str = ""
    also_at: tuple[str, ...] = ()

    def length_of_match(self, path: str) -> int:
        """How much of *path* is this place's: 0 when the page is not under it."""
        return max((len(at) for at in (self.href, *self.also_at) if path.startswith(at)), default=0)


@dataclass(frozen=True)
class SchoolChoice:
    """A school (or a child's school) that the signed-in person may switch to."""

    uai: str
    name: str
    is_current: bool = False


@dataclass(frozen=True)
class Chrome:
    """Everything that ``layout/base.html`` shows around a page."""

    portal_name: str
    home_href: str = "/"
    place: str = ""
    logo_href: str = ""
    theme_href: str = ""
    is_noindex: bool = True
    sign_in_href: str = ""
    space_href: str = ""
    """On a public page: the way back to the space of whoever is signed in."""
    sign_out_href: str = ""
    account_name: str = ""
    account_detail: str = ""
    nav: tuple[Link, ...] = ()
    account_links: tuple[Link, ...] = ()
    schools: tuple[SchoolChoice, ...] = ()
    switch_href: str = ""
    footer: tuple[Link, ...] = field(default=())


def plain_chrome(request: HttpRequest) -> Chrome:
    """The frame of a process that has no portal: the platform's name, and no links."""
    return Chrome(portal_name=str(getattr(settings, "PLATFORM_NAME", "Préau")))


def build_chrome(request: HttpRequest) -> Chrome:
    """Build the frame by the room that the settings name, once per request."""
    known = getattr(request, "_page_chrome", None)
    if isinstance(known, Chrome):
        return known
    path = str(getattr(settings, "PAGE_CHROME", ""))
    builder: Callable[[HttpRequest], Chrome] = import_string(path) if path else plain_chrome
    built = builder(request)
    request._page_chrome = built  # type: ignore[attr-defined]  # noqa: SLF001
    return built


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``chrome``, built only when a template reads it."""
    return {"chrome": SimpleLazyObject(lambda: build_chrome(request))}
