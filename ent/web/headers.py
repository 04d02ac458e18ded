"""Headers that Django and django-csp do not set by themselves."""

from collections.abc import Callable
from dataclasses import asdict
from functools import cache

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """django-csp's policy, put together once where nothing on the page asks for another.

    An answer without scripts of its own and without words for its policy has that of the settings,
    which django-csp would copy and join twice for each answer.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Set the header; whatever is particular to this answer is django-csp's to work out."""
        has_nonce = getattr(request, "_csp_nonce", None) is not None
        if settings.DEBUG or has_nonce or any(name.startswith("_csp_") for name in vars(response)):
            return super().process_response(request, response)
        policy = _plain_policy(self)
        if HEADER not in response:
            response.headers[HEADER] = policy
        # As the parent: a script that asks for its nonce now would be blocked by the header above.
        request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
        return response


@cache
def _plain_policy(middleware: CSPMiddleware) -> str:
    """Return the policy of an answer that asks for nothing."""
    parts = middleware.get_policy_parts(request=HttpRequest(), response=HttpResponse())
    return build_policy(**asdict(parts))


class HstsMiddleware:
    """Speak for the sub-domains of our own hosts only.

    A school's own domain is not ours: `includeSubDomains` there would cut browsers off, for two
    years, from whatever else the school or its town serves under it without https. Stands right
    inside ``SecurityMiddleware``, which leaves a header that is there, and around static files.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the short header on a host that is not ours, or no school's any more."""
        response = self.get_response(request)
        if settings.SECURE_HSTS_SECONDS and request.is_secure() and not _is_ours(request):
            response.headers["Strict-Transport-Security"] = (
                f"max-age={settings.SECURE_HSTS_SECONDS}"
            )
        return response


def _is_ours(request: HttpRequest) -> bool:
    """Is it one of the portal's hosts, or a school's under the portal's domain?"""
    try:
        host = request.get_host().rsplit(":", 1)[0].rstrip(".").lower()
    except DisallowedHost:
        return False
    domain = settings.SCHOOL_DOMAIN
    is_under_domain = bool(domain) and (host == domain or host.endswith(f".{domain}"))
    return host in settings.PORTAL_HOSTS or is_under_domain


class SecurityHeadersMiddleware:
    """Forbid browser features that no page uses, and keep signed-in pages out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers to the answer; a view that set its own Cache-Control keeps `no-store`."""
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response.headers["Cache-Control"] = "no-store, private"
        elif response.has_header("Location"):
            # The same address leads elsewhere once somebody has signed in.
            response.headers.setdefault("Cache-Control", "no-store")
        return response
