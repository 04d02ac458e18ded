"""Sign-in is required by default; public pages stand in one list (rule 3)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests.security.public_views import PUBLIC_VIEWS


def _views(resolver: URLResolver, namespace: str) -> Iterator[tuple[str, bool]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace == "admin":
                continue  # Django's own, behind the operators' sign-in
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _views(pattern, inner)
        elif isinstance(pattern, URLPattern):
            needs = getattr(pattern.callback, "login_required", True)
            yield f"{namespace}{pattern.name}", bool(needs)


def test_the_public_pages_are_exactly_those_of_the_list() -> None:
    """A page that opens by mistake, or a line that no page has any more, fails here."""
    assert {name for name, needs in _views(get_resolver(), "") if not needs} == PUBLIC_VIEWS
