"""Which host serves what (R-A1, T-B9).

The portal host serves everything. A school's host serves its public pages and nothing else: any
other path is sent to the portal host. A host that is neither is a mistake or an attack: 400.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from directory.models import School

KEPT_SECONDS = 60
_UNKNOWN = "-"


class SchoolHostMiddleware:
    """Give a school's host its own few addresses (``portal.hosts.urls``)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Recognise the host; raise ``DisallowedHost`` (a 400) for a stranger."""
        host = request.get_host().rsplit(":", 1)[0].rstrip(".").lower()
        request.host_school_slug = ""  # type: ignore[attr-defined]
        if host not in settings.PORTAL_HOSTS:
            slug = _school_of(host)
            if slug == _UNKNOWN:
                raise DisallowedHost("neither the portal nor a school")
            request.host_school_slug = slug  # type: ignore[attr-defined]
            request.urlconf = "portal.hosts.urls"
        return self.get_response(request)


def _school_of(host: str) -> str:
    key = f"portal-host:{host}"
    known = cache.get(key)
    if known is None:
        known = _find_school(host)
        cache.set(key, known, KEPT_SECONDS)
    return str(known)


def _find_school(host: str) -> str:
    schools = School.objects.active()
    domain = settings.SCHOOL_DOMAIN
    if domain and host.endswith(f".{domain}"):
        slug = host.removesuffix(f".{domain}")
        return slug if schools.filter(slug=slug).exists() else _UNKNOWN
    slugs = schools.filter(page__own_host=host).values_list("slug", flat=True)
    return next(iter(slugs), _UNKNOWN)
