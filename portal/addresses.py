"""Addresses between the portal's host and the schools' hosts.

Everything signed in lives on the one portal host, named by ``PUBLIC_BASE_URL``. A page may also be
served on a school's host (``<slug>.<domain>`` or a domain of its own), where links to anything but
the school's public pages must be absolute. Nothing is ever built from the request's Host header.
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from directory.models import School
from portal.models import SchoolPage

SCHOOL_PARAMETER = "etablissement"


def portal_origin() -> str:
    """Scheme and host of the portal, without a final slash."""
    return str(settings.PUBLIC_BASE_URL).rstrip("/")


def is_on_school_host(request: HttpRequest) -> bool:
    """Is this page served on a school's host? (set by ``SchoolHostMiddleware``)"""
    return getattr(request, "host_school_slug", "") != ""


def portal_path(name: str, *args: object) -> str:
    """The path of a named page on the portal host, whichever host serves this request."""
    return reverse(name, args=args, urlconf=settings.ROOT_URLCONF)


def portal_href(request: HttpRequest, path: str) -> str:
    """How to link from this page to *path* of the portal host."""
    return f"{portal_origin()}{path}" if is_on_school_host(request) else path


def sign_in_href(request: HttpRequest, *, school: School | None) -> str:
    """« Se connecter »: the page's school travels through the sign-in (R-A3)."""
    query = f"?{urlencode({SCHOOL_PARAMETER: school.uai})}" if school is not None else ""
    return portal_href(request, f"{settings.LOGIN_URL}{query}")


def canonical_address(school: School, page: SchoolPage | None) -> str:
    """The one address that search engines keep: the school's own domain, else the portal's path."""
    if page is not None and page.own_host:
        return f"{urlsplit(portal_origin()).scheme}://{page.own_host}/"
    return f"{portal_origin()}{portal_path('portal:school', school.slug)}"


def own_address(school: School) -> str:
    """The address of the school's pages in the mails that it signs."""
    return canonical_address(school, SchoolPage.objects.filter(school=school).first())


def news_address(school: School, page: SchoolPage | None, item_uuid: object) -> str:
    """The canonical address of a public piece of news."""
    if page is not None and page.own_host:
        return f"{canonical_address(school, page)}actualites/{item_uuid}/"
    return f"{portal_origin()}{portal_path('portal:news_item', school.slug, item_uuid)}"
