"""What pages and robots load: colours, logos, ``robots.txt``, ``sitemap.xml``."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from directory.models import School
from ent.pages.colour import palette_for
from portal.addresses import canonical_address, news_address, portal_origin
from portal.enums import NewsAudience
from portal.models import Logo, NewsItem, PracticalPage
from portal.public.caching import cached_answer, number_of_all, number_of_slug
from portal.school_pages.appearance import page_of
from signin.reachable import reachable_during_steps

FOREVER = "public, max-age=31536000, immutable"


@reachable_during_steps
@login_not_required
@require_safe
def theme(request: HttpRequest, colour: str) -> HttpResponse:
    """The readable palette of a colour, as custom properties; a pure function of the address."""
    response = HttpResponse(palette_for(colour).as_css(), content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = FOREVER
    return response


@reachable_during_steps
@login_not_required
@require_safe
def logo(request: HttpRequest, logo_uuid: UUID) -> HttpResponse:
    """A verified picture; its address changes with its content."""
    found = get_object_or_404(Logo, uuid=logo_uuid)
    response = HttpResponse(bytes(found.data), content_type=found.content_type)
    response.headers["Cache-Control"] = FOREVER
    response.headers["Content-Disposition"] = "inline"
    return response


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Public pages may be read; the rest says ``noindex`` by itself, too."""
    return HttpResponse(
        "User-agent: *\n"
        "Disallow: /accueil/\nDisallow: /annuaire/\nDisallow: /gestion/\n"
        "Disallow: /identifiants/\nDisallow: /travaux/\n"
        f"Sitemap: {portal_origin()}/sitemap.xml\n",
        content_type="text/plain; charset=utf-8",
    )


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every school's canonical address (R-A2); a school's host lists its own page only."""
    slug: str = getattr(request, "host_school_slug", "")

    def answer() -> HttpResponse:
        schools = School.objects.active().select_related("page").order_by("slug")
        schools = schools.prefetch_related(*_public_texts())
        if slug:
            schools = schools.filter(slug=slug)
        addresses = [address for school in schools for address in _addresses_of(school)]
        if not slug:
            addresses.insert(0, f"{portal_origin()}/")
        return render(
            request, "portal/sitemap.xml", {"addresses": addresses}, content_type="application/xml"
        )

    return cached_answer(
        request,
        key=f"portal-sitemap:{slug}",
        number=number_of_slug(slug) if slug else number_of_all(),
        sites=Q(school__slug=slug) if slug else Q(),
        render=answer,
    )


def _public_texts() -> tuple[Prefetch[str], Prefetch[str]]:
    """What shows of each school beside its page, read for all schools at once."""
    news = NewsItem.objects.showing().filter(audience=NewsAudience.PUBLIC)
    pages = PracticalPage.objects.filter(is_published=True)
    return (
        Prefetch("news_items", news.only("uuid", "school_id"), "public_news"),
        Prefetch("practical_pages", pages.only("slug", "school_id"), "menu"),
    )


def _addresses_of(school: School) -> Iterator[str]:
    page = page_of(school)
    own = canonical_address(school, page)
    yield own
    menu: list[PracticalPage] = school.menu  # type: ignore[attr-defined]
    yield from (f"{own}pages/{entry.slug}/" for entry in menu)
    news: list[NewsItem] = school.public_news  # type: ignore[attr-defined]
    yield from (news_address(school, page, item.uuid) for item in news)


@login_not_required
def to_portal_host(request: HttpRequest, path: str = "") -> HttpResponse:
    """A school's host serves public pages only: the rest lives on the portal host (R-A1)."""
    if path.startswith(("/", "\\")):
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(f"{portal_origin()}{request.path}{'?' + query if query else ''}")
