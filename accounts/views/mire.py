"""The mire: who are you, and by which door do you come in? (R-B1 to R-B3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.choice import Choice, forget_choice
from accounts.destinations import connected_page
from accounts.enums import Audience
from accounts.forms import MireForm
from accounts.journey import Journey
from accounts.models import Door
from accounts.views.doors import show_door

DOOR = "guichet"
CHANGE = "changer"
_ICONS = {
    Audience.FAMILY: "users",
    Audience.TEACHER: "book",
    Audience.STAFF: "school",
    Audience.OTHER: "user",
}


@dataclass(kw_only=True, slots=True)
class Answer:
    """One of the four answers, with the doors that it opens."""

    audience: Audience
    icon: str
    doors: list[Door] = field(default_factory=list)
    is_chosen: bool = False
    chosen_code: str = ""


@login_not_required
@never_cache
@csrf_exempt  # each of the two forms below checks its own token
@require_http_methods(["GET", "HEAD", "POST"])
def mire(request: HttpRequest) -> HttpResponse:
    """Show the four answers, the door that is remembered, or the door that the address names."""
    journey = Journey.of(request)
    doors = Door.objects.select_related("authority", "cas")
    if door := doors.filter(code=request.GET.get(DOOR, "")[:60]).first():
        return show_door(request, door, journey)
    if request.method == "POST":
        return _choose(request, journey)
    if request.user.is_authenticated:
        continue_href = journey.next_path or connected_page()
        return render(request, "accounts/already_signed_in.html", {"continue_href": continue_href})
    remembered = Choice.remembered(request)
    if remembered is None or CHANGE in request.GET:
        return _page(request, journey, MireForm(), remembered)
    if remembered.door.asks_for_password or remembered.door.leads_elsewhere:
        return HttpResponseRedirect(door_address(remembered, journey))
    context = {
        "choice": remembered,
        "continue_href": door_address(remembered, journey),
        "change_href": change_address(journey),
    }
    return render(request, "accounts/mire_remembered.html", context)


@csrf_protect
def _choose(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Lead to the chosen door; remember it only when asked to."""
    form = MireForm(request.POST)
    if not form.is_valid():
        return _page(request, journey, form, None)
    choice: Choice = form.cleaned_data["choice"]
    response = HttpResponseRedirect(door_address(choice, journey), status=303)
    if form.cleaned_data["memoriser"] == "oui":
        choice.remember(response)
    else:
        forget_choice(response)
    return response


def _page(
    request: HttpRequest, journey: Journey, form: MireForm, remembered: Choice | None
) -> HttpResponse:
    answers = list_answers(form, journey, remembered)
    context = {"form": form, "answers": answers, "journey": journey, "change": CHANGE}
    return render(request, "accounts/mire.html", context)


def list_answers(form: MireForm, journey: Journey, remembered: Choice | None) -> list[Answer]:
    """Return the four answers with their doors; one statement for all doors."""
    answers = {audience: Answer(audience=audience, icon=_ICONS[audience]) for audience in Audience}
    for door in Door.objects.select_related("authority"):
        for audience in door.audiences:
            answers[Audience(audience)].doors.append(door)
    wanted = form.data.get("profil") if form.is_bound else journey.audience
    if wanted is None and remembered is not None:
        wanted = remembered.audience
    for answer in answers.values():
        answer.is_chosen = answer.audience == wanted
        answer.chosen_code = _preset_door(answer, form, journey, remembered)
    return [answer for answer in answers.values() if answer.doors]


def _preset_door(
    answer: Answer, form: MireForm, journey: Journey, remembered: Choice | None
) -> str:
    """The door that was ticked, the only one, that of the school, or the remembered one."""
    codes = [door.code for door in answer.doors]
    typed = str(form.data.get(f"guichet-{answer.audience}", "")) if form.is_bound else ""
    if typed in codes:
        return typed
    if len(codes) == 1:
        return codes[0]
    if journey.school is not None:
        authority = journey.school.authority_id
        return next((d.code for d in answer.doors if d.authority_id == authority), "")
    if remembered is not None and remembered.audience == answer.audience:
        return remembered.door.code
    return ""


def door_address(choice: Choice, journey: Journey) -> str:
    """Return the address of a door's own page, the journey carried on."""
    address = reverse("accounts:door", args=[choice.door.code])
    return address + journey.query(audience=choice.audience)


def change_address(journey: Journey) -> str:
    """Return the address of « Changer »: the whole mire, whatever is remembered."""
    return reverse("accounts:mire") + journey.query(audience=None, **{CHANGE: "1"})
