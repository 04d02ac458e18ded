"""« Liens utiles », « Horaires », « Message du jour »."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ent.text.numbers import read_number
from ent.web.acts import asks_for_recent_proof
from portal.enums import MessageTone, Weekday
from portal.models import DayMessage, OpeningPeriod, UsefulLink
from portal.school_pages.appearance import page_of
from portal.site.facts import (
    add_link,
    hours_by_day,
    remove_link,
    remove_message,
    set_hours,
    set_message,
)
from portal.site.forms import HoursForm, LinkForm, MessageForm, write_hours
from portal.site.managed import edited, page_context, posted
from portal.site.texts import move


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def links(request: HttpRequest, uai: str) -> HttpResponse:
    """List the links in their order, and add one."""
    by, school = edited(request, uai)
    form = LinkForm(posted(request), school=school)
    if request.method == "POST" and form.is_valid():
        add_link(link=form.save(commit=False), school=school, by=by)
        messages.success(request, "Le lien est ajouté.")
        return redirect("portal:site-links", school.uai)
    found = list(UsefulLink.objects.filter(school=school))
    context = page_context(school, form=form, links=found)
    return render(request, "portal/site/links.html", context)


@require_POST
@asks_for_recent_proof
def links_act(request: HttpRequest, uai: str) -> HttpResponse:
    """Move a link, or take it off the page."""
    by, school = edited(request, uai)
    rows = UsefulLink.objects.filter(school=school)
    link = get_object_or_404(rows, pk=read_number(request.POST.get("lien", "")))
    match request.POST.get("acte", ""):
        case "monter":
            move(rows=rows, moved=link.pk, step=-1, school=school, by=by)
        case "descendre":
            move(rows=rows, moved=link.pk, step=1, school=school, by=by)
        case "retirer":
            remove_link(link=link, school=school, by=by)
            messages.success(request, "Le lien est retiré.")
    return redirect("portal:site-links", school.uai)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def hours(request: HttpRequest, uai: str) -> HttpResponse:
    """Change the opening hours of the week."""
    by, school = edited(request, uai)
    page = page_of(school)
    days = hours_by_day(OpeningPeriod.objects.filter(school=school))
    initial: dict[str, str] = {
        f"day_{day.value}": write_hours(days.get(day.value, [])) for day in Weekday
    }
    initial["hours_note"] = page.hours_note if page is not None else ""
    form = HoursForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["hours_note"]
        set_hours(school=school, periods=form.periods(), note=note, by=by)
        messages.success(request, "Les horaires sont publiés.")
        return redirect("portal:site-school", school.uai)
    return render(request, "portal/site/hours.html", page_context(school, form=form))


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def message(request: HttpRequest, uai: str) -> HttpResponse:
    """Say something above the page for a few days, or stop saying it."""
    by, school = edited(request, uai)
    known = DayMessage.objects.filter(school=school).first()
    if request.method == "POST" and request.POST.get("acte") == "retirer":
        remove_message(school=school, by=by)
        messages.success(request, "Le message est retiré.")
        return redirect("portal:site-school", school.uai)
    initial = (
        {}
        if known is None
        else {
            "words": known.words,
            "tone": known.tone,
            "shows_from": known.shows_from,
            "shows_until": known.shows_until,
        }
    )
    form = MessageForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        set_message(
            school=school,
            words=data["words"],
            tone=MessageTone(data["tone"]),
            shows_from=data["shows_from"],
            shows_until=data["shows_until"],
            by=by,
        )
        messages.success(request, "Le message est enregistré.")
        return redirect("portal:site-school", school.uai)
    context = page_context(school, form=form, known=known)
    return render(request, "portal/site/message.html", context)
