"""Public pages: the home that finds a school, a school's page, its news, the portal's texts."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.reachable import reachable_during_steps
from directory.models import School
from portal.addresses import canonical_address, news_address, portal_origin, sign_in_href
from portal.caching import cached_answer
from portal.chrome import colour_of, logo_href, page_of, public_chrome
from portal.contacts import public_email, public_phone
from portal.enums import TextKind
from portal.faces import face_of
from portal.models import NewsItem, UsefulLink
from portal.structured_data import school_data
from portal.texts import text_in_force

SCHOOLS_PER_PAGE = 20
NEWS_ON_PAGE = 6
# The pages of the list that are kept in memory, in the one spelling that our links use.
_KEPT_PAGE = re.compile(r"[1-9][0-9]?")


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Find a school (R-A5); the list without a search is the same for everybody, and cached."""
    asked = request.GET.get("q", "").strip()[:100]
    number = request.GET.get("page", "1")

    def answer() -> HttpResponse:
        found = School.objects.active().select_related("page__logo").matching(asked)
        page = Paginator(found, SCHOOLS_PER_PAGE).get_page(number)
        request._page_chrome = public_chrome(request)  # type: ignore[attr-defined]  # noqa: SLF001
        return render(
            request,
            "portal/home.html",
            {
                "asked": asked,
                "page": page,
                "cards": [(school, _face(school)) for school in page],
                "news": NewsItem.objects.public_of(None)[:3] if not asked else [],
                "canonical": f"{portal_origin()}/",
                "is_first": page.number == 1 and not asked,
            },
        )

    if asked or not _KEPT_PAGE.fullmatch(number):
        return answer()
    return cached_answer(request, key=f"portal-home:{number}", render=answer)


@login_not_required
@require_safe
def school(request: HttpRequest, slug: str) -> HttpResponse:
    """The public page of a school, by its path on the portal host."""
    return cached_answer(
        request, key=f"portal-school:path:{slug}", render=lambda: _school_page(request, slug)
    )


@login_not_required
@require_safe
def school_by_host(request: HttpRequest) -> HttpResponse:
    """The same page on the school's own host."""
    slug: str = request.host_school_slug  # type: ignore[attr-defined]
    return cached_answer(
        request, key=f"portal-school:host:{slug}", render=lambda: _school_page(request, slug)
    )


def _school_page(request: HttpRequest, slug: str) -> HttpResponse:
    found = _public_school(slug)
    return render(
        request,
        "portal/school.html",
        {
            **_school_context(request, found, with_sign_in=False),
            "news": NewsItem.objects.public_of(found)[:NEWS_ON_PAGE],
            "links": UsefulLink.objects.filter(school=found),
            "structured_data": school_data(found, page_of(found)),
            "canonical": canonical_address(found, page_of(found)),
        },
    )


@login_not_required
@require_safe
def news_item(request: HttpRequest, slug: str, item_uuid: UUID) -> HttpResponse:
    """One public piece of news of a school."""
    found = _public_school(slug)
    item = get_object_or_404(NewsItem.objects.public_of(found), uuid=item_uuid)
    return render(
        request,
        "portal/news_item.html",
        {
            **_school_context(request, found),
            "item": item,
            "canonical": news_address(found, page_of(found), item.uuid),
        },
    )


@login_not_required
@require_safe
def news_item_by_host(request: HttpRequest, item_uuid: UUID) -> HttpResponse:
    """The same on the school's own host."""
    slug: str = request.host_school_slug  # type: ignore[attr-defined]
    return news_item(request, slug, item_uuid)


@reachable_during_steps
@login_not_required
@require_safe
def text(request: HttpRequest, kind: str) -> HttpResponse:
    """« Mentions légales », « Données personnelles », « Accessibilité », « Aide » (R-J5)."""
    shown = text_in_force(TextKind(kind))
    return render(request, "portal/text.html", {"text": shown, "kind": TextKind(kind)})


def _public_school(slug: str) -> School:
    schools = School.objects.active().select_related("page__logo", "authority")
    found: School = get_object_or_404(schools, slug=slug)
    return found


def _school_context(
    request: HttpRequest, found: School, *, with_sign_in: bool = True
) -> dict[str, Any]:
    frame = public_chrome(request, school=found, with_sign_in=with_sign_in)
    request._page_chrome = frame  # type: ignore[attr-defined]  # noqa: SLF001
    page = page_of(found)
    return {
        "school": found,
        "page": page,
        "face": _face(found),
        "logo_href": logo_href(page) if page is not None else "",
        "sign_in_href": sign_in_href(request, school=found),
        "email": public_email(found),
        "phone": public_phone(found),
    }


def _face(found: School) -> Any:
    colour = colour_of(found, page_of(found))
    return face_of(uai=found.uai, name=found.name, colour=colour)
