"""« Versions »: who saved what and when, compared with the present text, restored."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from directory.models import School
from ent.text.numbers import read_number
from ent.web.acts import asks_for_recent_proof
from portal.models import NewsItem, PracticalPage, SavedVersion, SchoolPage
from portal.site.managed import edited, page_context
from portal.site.texts import (
    OvertakenError,
    SiteText,
    body_of,
    restore,
    title_of,
    versions_of,
)
from portal.writing.cleaning import markdown_of
from portal.writing.differences import differences

NEWS: Final = "actualites"
PAGES: Final = "pages"
_SHOWN: Final = 50
_OVERTAKEN = "Le texte vient d’être enregistré par quelqu’un d’autre\u00a0: comparez à nouveau."


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def news_versions(request: HttpRequest, uai: str, item: UUID) -> HttpResponse:
    """Versions of a piece of news."""
    _, school = edited(request, uai)
    found = get_object_or_404(NewsItem, school=school, uuid=item)
    back = reverse("portal:site-news-change", args=[school.uai, item])
    return _versions(request, school, found, back)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def page_versions(request: HttpRequest, uai: str, page: UUID) -> HttpResponse:
    """Versions of a page of the menu."""
    _, school = edited(request, uai)
    found = get_object_or_404(PracticalPage, school=school, uuid=page)
    back = reverse("portal:site-page-change", args=[school.uai, page])
    return _versions(request, school, found, back)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def presentation_versions(request: HttpRequest, uai: str) -> HttpResponse:
    """Versions of the presentation."""
    _, school = edited(request, uai)
    found = SchoolPage.objects.filter(school=school).first() or SchoolPage(school=school)
    back = reverse("portal:site-presentation", args=[school.uai])
    return _versions(request, school, found, back)


def _versions(request: HttpRequest, school: School, text: SiteText, back: str) -> HttpResponse:
    if not text.pk:
        versions: list[SavedVersion] = []
    else:
        versions = list(versions_of(text).select_related("author")[:_SHOWN])
    if request.method == "POST":
        return _restore(request, school, text, back)
    asked = request.GET.get("version", "")
    chosen = _chosen(versions, asked) if asked else None
    context = page_context(
        school,
        text=text,
        title=title_of(text) or "Présentation",
        versions=versions,
        chosen=chosen,
        back=back,
        lines=differences(markdown_of(chosen.body), markdown_of(body_of(text))) if chosen else [],
    )
    return render(request, "portal/site/versions.html", context)


def _restore(request: HttpRequest, school: School, text: SiteText, back: str) -> HttpResponse:
    by, _ = edited(request, school.uai)
    if not text.pk:
        raise Http404
    number = read_number(request.POST.get("version", ""))
    version = get_object_or_404(versions_of(text), number=number)
    based_on = read_number(request.POST.get("sur", ""))
    try:
        restore(text=text, version=version, based_on=-1 if based_on is None else based_on, by=by)
    except OvertakenError:
        messages.error(request, _OVERTAKEN)
        return redirect(request.path)
    messages.success(request, f"La version {version.number} est rétablie.")
    return redirect(back)


def _chosen(versions: list[SavedVersion], asked: str) -> SavedVersion:
    number = read_number(asked)
    for version in versions:
        if version.number == number:
            return version
    raise Http404
