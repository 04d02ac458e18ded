"""« Actualités »: list, writing, publishing, withdrawing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from directory.models import School
from ent.pages.pagination import paginate
from ent.web.acts import asks_for_recent_proof
from portal.enums import NewsState
from portal.models import NewsItem
from portal.site.forms import NewsForm, is_draft
from portal.site.managed import Editor, edited, page_context, posted
from portal.site.texts import delete, pin, save_news, withdraw
from portal.site.views.editing import PUBLISH, edit
from portal.writing.cleaning import markdown_of


@require_GET
def news(request: HttpRequest, uai: str) -> HttpResponse:
    """List the school's news, whatever their state; the newest change first."""
    _, school = edited(request, uai)
    found = (
        NewsItem.objects.filter(school=school)
        .select_related("author")
        .prefetch_related("groups")
        .order_by("-is_pinned", "-updated_at", "-pk")
    )
    page = paginate(found, request.GET.get("page"), cap=None)
    context = page_context(school, page=page, now=timezone.now())
    return render(request, "portal/site/news.html", context)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def add(request: HttpRequest, uai: str) -> HttpResponse:
    """Write a new piece of news."""
    by, school = edited(request, uai)
    form = NewsForm(posted(request), school=school, initial={"version": 0})
    return _edit(request, by, school, form, None)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def change(request: HttpRequest, uai: str, item: UUID) -> HttpResponse:
    """Change one."""
    by, school = edited(request, uai)
    found = _item(school, item)
    initial = NewsForm.initial_of(found, markdown_of(found.body))
    form = NewsForm(posted(request), school=school, initial=initial)
    return _edit(request, by, school, form, found)


def _edit(
    request: HttpRequest, by: Editor, school: School, form: NewsForm, item: NewsItem | None
) -> HttpResponse:
    def save(based_on: int, asked: str) -> HttpResponse:
        saved = save_news(
            school=school,
            item=item,
            based_on=based_on,
            content=form.content(),
            is_published=asked == PUBLISH,
            by=by,
        )
        messages.success(request, _saved_words(saved, asked))
        return redirect("portal:site-news", school.uai)

    return edit(
        request,
        school=school,
        form=form,
        save=save,
        heading=item.title if item is not None else "Écrire une actualité",
        item=item,
        is_draft=is_draft(item),
        kind="news",
    )


def _saved_words(item: NewsItem, asked: str) -> str:
    if item.state != NewsState.PUBLISHED:
        return "Le brouillon est enregistré."
    if item.shows_from is not None and item.shows_from > timezone.now():
        return "L’actualité est programmée\u00a0: elle paraîtra à la date choisie."
    words = "publiée" if asked == PUBLISH else "modifiée"
    return f"L’actualité est {words}."


@require_POST
@asks_for_recent_proof
def act(request: HttpRequest, uai: str, item: UUID) -> HttpResponse:
    """Withdraw, pin, delete."""
    by, school = edited(request, uai)
    found = _item(school, item)
    match request.POST.get("acte", ""):
        case "retirer":
            withdraw(text=found, by=by)
            messages.success(request, "L’actualité n’est plus visible. Elle reste ici.")
        case "epingler":
            pin(item=found, is_pinned=True, by=by)
            messages.success(request, "L’actualité est épinglée en tête.")
        case "detacher":
            pin(item=found, is_pinned=False, by=by)
            messages.success(request, "L’actualité reprend sa place.")
        case "supprimer" if found.state != NewsState.PUBLISHED:
            delete(text=found, by=by)
            messages.success(request, "L’actualité est supprimée.")
        case _:
            messages.error(request, "Cet acte n’est pas possible ici.")
    return redirect("portal:site-news", school.uai)


@require_GET
def preview(request: HttpRequest, uai: str, item: UUID) -> HttpResponse:
    """Show a piece of news as its readers will see it."""
    _, school = edited(request, uai)
    context: dict[str, Any] = page_context(school, item=_item(school, item))
    return render(request, "portal/site/preview.html", context)


def _item(school: School, item: UUID) -> NewsItem:
    found: NewsItem = get_object_or_404(NewsItem, school=school, uuid=item)
    return found
