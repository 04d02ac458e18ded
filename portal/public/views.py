"""Public pages: the home that finds a school, a school's page, its news, the portal's texts."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from directory.models import School
from directory.models.schools import SchoolQuerySet
from directory.schools.current import current_place, own_place
from directory.schools.suggestions import nearest_schools
from ent.pages.names import calm_name
from ent.pages.pagination import paginate
from portal.addresses import (
    canonical_address,
    is_on_school_host,
    news_address,
    portal_origin,
    portal_path,
    sign_in_href,
)
from portal.chrome import is_signed_in, page_chrome
from portal.enums import TextKind
from portal.models import DayMessage, NewsItem, OpeningPeriod, PracticalPage, SiteFile, UsefulLink
from portal.public.caching import cached_answer, number_of_portal, number_of_slug
from portal.public.feeds import feed_of
from portal.public.structured_data import school_data
from portal.school_pages.appearance import colour_of, logo_href, page_of
from portal.school_pages.contacts import public_email, public_phone
from portal.school_pages.faces import face_of
from portal.site.facts import shown_hours
from portal.texts.in_force import text_in_force
from signin.reachable import reachable_during_steps

NEWS_ON_PAGE = 6
DOCUMENTS_ON_PAGE = 30
# The pages of the list that are kept in memory, in the one spelling that our links use.
_KEPT_PAGE = re.compile(r"[1-9][0-9]?")


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Find a school (R-A5); the list without a search is the same for every visitor, and cached."""
    asked = request.GET.get("q", "").strip()[:100]
    number = request.GET.get("page", "1")

    def answer() -> HttpResponse:
        found = _open_schools().matching(asked)
        page = paginate(found, number, cap=None)
        is_near = bool(asked) and not page.paginator.count
        shown = nearest_schools(_open_schools(), asked) if is_near else page
        request._page_chrome = page_chrome(request)  # type: ignore[attr-defined]  # noqa: SLF001
        return render(
            request,
            "portal/home.html",
            {
                "asked": asked,
                "home_href": portal_path("portal:home"),
                "page": page,
                "cards": [(school, _face(school)) for school in shown],
                "is_near": is_near,
                "example": _example_search(),
                "news": NewsItem.objects.public_of(None)[:3] if not asked else [],
                "canonical": f"{portal_origin()}/",
                "is_first": page.number == 1 and not asked,
            },
        )

    if asked or not _KEPT_PAGE.fullmatch(number) or is_signed_in(request):
        return answer()
    return cached_answer(
        request,
        key=f"portal-home:{number}",
        number=number_of_portal(),
        sites=Q(school__isnull=True),
        render=answer,
    )


def _open_schools() -> SchoolQuerySet:
    return School.objects.active().select_related("page__logo")


def _example_search() -> School | None:
    """A school whose town and postal code show what may be typed: an example that finds it."""
    return School.objects.active().exclude(town="").exclude(postal_code="").in_name_order().first()


@login_not_required
@require_safe
def school(request: HttpRequest, slug: str) -> HttpResponse:
    """The public page of a school, by its path on the portal host."""
    if is_signed_in(request):
        return _school_page(request, slug)
    return _kept_school_page(request, slug, key=f"portal-school:path:{slug}")


@login_not_required
@require_safe
def school_by_host(request: HttpRequest) -> HttpResponse:
    """The same page on the school's own host."""
    slug: str = request.host_school_slug  # type: ignore[attr-defined]
    return _kept_school_page(request, slug, key=f"portal-school:host:{slug}")


def _kept_school_page(request: HttpRequest, slug: str, *, key: str) -> HttpResponse:
    return cached_answer(
        request,
        key=key,
        number=number_of_slug(slug),
        sites=Q(school__slug=slug),
        render=lambda: _school_page(request, slug),
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
            "documents": _documents(found),
            "hours": shown_hours(list(OpeningPeriod.objects.filter(school=found))),
            "message": DayMessage.objects.filter(school=found).showing().first(),
            "description": _description(found),
            "structured_data": school_data(found, page_of(found)),
            "canonical": canonical_address(found, page_of(found)),
        },
    )


def _documents(found: School) -> list[SiteFile]:
    listed = SiteFile.objects.filter(school=found, is_listed=True)
    return list(listed.defer("data").order_by("name")[:DOCUMENTS_ON_PAGE])


def _description(found: School) -> str:
    """What search engines show under the link to the page."""
    place = f" à {calm_name(found.town)} ({found.postal_code})" if found.town else ""
    return (
        f"{calm_name(found.name)}{place} : actualités, contact, liens utiles et connexion à "
        "l’espace numérique de travail."
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


@login_not_required
@require_safe
def practical_page(request: HttpRequest, slug: str, page_slug: str) -> HttpResponse:
    """One page of a school's menu."""
    found = _public_school(slug)
    published = PracticalPage.objects.filter(school=found, is_published=True)
    shown = get_object_or_404(published, slug=page_slug)
    context = _school_context(request, found)
    address = f"{canonical_address(found, page_of(found))}pages/{shown.slug}/"
    return render(
        request, "portal/practical_page.html", {**context, "shown": shown, "canonical": address}
    )


@login_not_required
@require_safe
def practical_page_by_host(request: HttpRequest, page_slug: str) -> HttpResponse:
    """The same on the school's own host."""
    slug: str = request.host_school_slug  # type: ignore[attr-defined]
    return practical_page(request, slug, page_slug)


@login_not_required
@require_safe
def feed(request: HttpRequest, slug: str) -> HttpResponse:
    """A school's public news, for readers of feeds (RSS 2.0)."""

    def answer() -> HttpResponse:
        found = _public_school(slug)
        return HttpResponse(feed_of(found), content_type="application/rss+xml; charset=utf-8")

    return cached_answer(
        request,
        key=f"portal-feed:{slug}",
        number=number_of_slug(slug),
        sites=Q(school__slug=slug),
        render=answer,
    )


@login_not_required
@require_safe
def feed_by_host(request: HttpRequest) -> HttpResponse:
    """The same on the school's own host."""
    slug: str = request.host_school_slug  # type: ignore[attr-defined]
    return feed(request, slug)


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
    frame = page_chrome(request, school=found, with_sign_in=with_sign_in)
    request._page_chrome = frame  # type: ignore[attr-defined]  # noqa: SLF001
    page = page_of(found)
    return {
        "school": found,
        "page": page,
        "menu": PracticalPage.objects.filter(school=found, is_published=True).defer("body"),
        "face": _face(found),
        "logo_href": logo_href(page) if page is not None else "",
        "school_href": "/"
        if is_on_school_host(request)
        else portal_path("portal:school", found.slug),
        "sign_in_href": sign_in_href(request, school=found),
        "space": _space(request, found),
        "email": public_email(found),
        "phone": public_phone(found),
    }


def _face(found: School) -> Any:
    colour = colour_of(found, page_of(found))
    return face_of(uai=found.uai, name=found.name, colour=colour)


def _space(request: HttpRequest, found: School) -> dict[str, Any] | None:
    """Where « Mon espace » leads whoever is signed in: to this school when it is theirs."""
    if not is_signed_in(request):
        return None
    place = current_place(request)
    is_here = place is not None and place.school.pk == found.pk
    return {
        "place": place,
        "is_here": is_here,
        "own": None if is_here else own_place(request, found),
        "href": portal_path("portal:connected"),
    }
