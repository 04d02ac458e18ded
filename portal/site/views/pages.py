"""« Pages pratiques »: the menu of the site, and « Présentation »."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from directory.models import School
from ent.web.acts import asks_for_recent_proof
from portal.models import PracticalPage, SchoolPage
from portal.site.forms import PageForm, PresentationForm
from portal.site.managed import Editor, edited, page_context, posted
from portal.site.texts import delete, move, save_page, save_presentation, withdraw
from portal.site.views.editing import PUBLISH, edit
from portal.writing.cleaning import markdown_of


@require_GET
def pages(request: HttpRequest, uai: str) -> HttpResponse:
    """List the pages in the order of the menu."""
    _, school = edited(request, uai)
    found = list(PracticalPage.objects.filter(school=school))
    return render(request, "portal/site/pages.html", page_context(school, pages=found))


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def add(request: HttpRequest, uai: str) -> HttpResponse:
    """Write a new page."""
    by, school = edited(request, uai)
    return _edit(request, by, school, PageForm(posted(request), initial={"version": 0}), None)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def change(request: HttpRequest, uai: str, page: UUID) -> HttpResponse:
    """Change one."""
    by, school = edited(request, uai)
    found: PracticalPage = get_object_or_404(PracticalPage, school=school, uuid=page)
    initial = {"version": found.version, "title": found.title, "body": markdown_of(found.body)}
    return _edit(request, by, school, PageForm(posted(request), initial=initial), found)


def _edit(
    request: HttpRequest, by: Editor, school: School, form: PageForm, page: PracticalPage | None
) -> HttpResponse:
    is_draft = page is None or not page.is_published

    def save(based_on: int, asked: str) -> HttpResponse:
        saved = save_page(
            school=school,
            page=page,
            based_on=based_on,
            title=form.cleaned_data["title"],
            markdown=form.cleaned_data["body"],
            is_published=asked == PUBLISH or not is_draft,
            by=by,
        )
        words = "publiée" if saved.is_published else "enregistrée comme brouillon"
        messages.success(request, f"La page «\u00a0{saved.title}\u00a0» est {words}.")
        return redirect("portal:site-pages", school.uai)

    return edit(
        request,
        school=school,
        form=form,
        save=save,
        heading=page.title if page is not None else "Écrire une page",
        item=page,
        is_draft=is_draft,
        kind="page",
    )


@require_POST
@asks_for_recent_proof
def act(request: HttpRequest, uai: str, page: UUID) -> HttpResponse:
    """Move, withdraw, delete."""
    by, school = edited(request, uai)
    found: PracticalPage = get_object_or_404(PracticalPage, school=school, uuid=page)
    asked = request.POST.get("acte", "")
    rows = PracticalPage.objects.filter(school=school)
    match asked:
        case "monter" | "descendre":
            step = -1 if asked == "monter" else 1
            move(rows=rows, moved=found.pk, step=step, school=school, by=by)
        case "retirer":
            withdraw(text=found, by=by)
            messages.success(request, "La page n’est plus dans le menu. Elle reste ici.")
        case "supprimer" if not found.is_published:
            delete(text=found, by=by)
            messages.success(request, "La page est supprimée.")
        case _:
            messages.error(request, "Cet acte n’est pas possible ici.")
    return redirect("portal:site-pages", school.uai)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def presentation(request: HttpRequest, uai: str) -> HttpResponse:
    """Change what stands first on the page, and whom to ask."""
    by, school = edited(request, uai)
    page = SchoolPage.objects.filter(school=school).first() or SchoolPage(school=school)
    initial = {
        "version": page.version,
        "body": markdown_of(page.introduction),
        "contact_email": page.contact_email,
        "contact_phone": page.contact_phone,
        "website": page.website,
    }
    form = PresentationForm(posted(request), initial=initial)

    def save(based_on: int, asked: str) -> HttpResponse:
        markdown = form.cleaned_data["body"]
        save_presentation(
            school=school, based_on=based_on, markdown=markdown, contact=form.contact(), by=by
        )
        messages.success(request, "La présentation est publiée.")
        return redirect("portal:site-school", school.uai)

    return edit(
        request,
        school=school,
        form=form,
        save=save,
        heading="Présentation",
        item=page if page.pk else None,
        is_draft=False,
        kind="presentation",
    )
