"""Which school, and what its site holds now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from directory.models import School
from ent.pages.figures import figure
from ent.pages.pagination import paginate
from portal.addresses import canonical_address
from portal.enums import NewsState
from portal.models import (
    DayMessage,
    NewsItem,
    OpeningPeriod,
    PracticalPage,
    SiteFile,
    UsefulLink,
)
from portal.school_pages.appearance import page_of
from portal.site.managed import edited, page_context, schools_edited_by


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Lead to the one school, or let the actor choose."""
    schools = schools_edited_by(request).in_name_order()
    few = list(schools[:2])
    if len(few) == 1:
        return redirect("portal:site-school", few[0].uai)
    typed = request.GET.get("q", "").strip()[:100]
    found = schools.filter(pk__in=School.objects.matching(typed).values("pk"))
    page = paginate(found, request.GET.get("page"), cap=None)
    return render(request, "portal/site/choose.html", {"page": page, "typed": typed})


@require_GET
def overview(request: HttpRequest, uai: str) -> HttpResponse:
    """What the site holds, each with the page where one changes it."""
    _, school = edited(request, uai)
    context = page_context(
        school,
        address=canonical_address(school, page_of(school)),
        cards=[
            {"title": title, "words": words, "icon": icon, "figure": said, "href": href}
            for title, words, icon, said, name in _cards(school)
            for href in [reverse(f"portal:site-{name}", args=[school.uai])]
        ],
    )
    return render(request, "portal/site/overview.html", context)


def _cards(school: School) -> list[tuple[str, str, str, str, str]]:
    """Title, words, icon, what there is now, name of the page: one per part of the site."""
    page = page_of(school)
    news = NewsItem.objects.filter(school=school).order_by()
    drafts = news.filter(state=NewsState.DRAFT).count()
    said = f"{news.showing().count()} en ligne"
    said += f", {figure(drafts, 'brouillon', 'brouillons')}" if drafts else ""
    pages = PracticalPage.objects.filter(school=school, is_published=True).count()
    links = UsefulLink.objects.filter(school=school).count()
    files = SiteFile.objects.filter(school=school).count()
    message = DayMessage.objects.filter(school=school)
    if message.showing().exists():
        about_message = "En ligne"
    else:
        about_message = "Hors de ses dates" if message.exists() else "Aucun message"
    has_hours = OpeningPeriod.objects.filter(school=school).exists()
    is_presented = page is not None and page.introduction
    return [
        ("Actualités", "Écrire, programmer, publier, retirer.", "news", said, "news"),
        (
            "Présentation",
            "Ce qui se lit d’abord, et le contact.",
            "school",
            "Publiée" if is_presented else "À écrire",
            "presentation",
        ),
        (
            "Pages pratiques",
            "Le menu\u00a0: restauration, inscriptions, transports…",
            "list",
            figure(pages, "page publiée", "pages publiées", none="Aucune page"),
            "pages",
        ),
        (
            "Message du jour",
            "Une ligne au-dessus de la page, quelques jours.",
            "bell",
            about_message,
            "message",
        ),
        (
            "Horaires",
            "Quand l’établissement est ouvert, jour par jour.",
            "clock",
            "Publiés" if has_hours else "À donner",
            "hours",
        ),
        (
            "Liens utiles",
            "Cantine, transports, orientation…",
            "external",
            figure(links, "lien", "liens"),
            "links",
        ),
        (
            "Images et documents",
            "Ce que les textes montrent, ce qui se télécharge.",
            "file",
            figure(files, "fichier", "fichiers"),
            "files",
        ),
    ]
