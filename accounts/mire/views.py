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

from accounts.doors.base.models import Door
from accounts.doors.returns.leaving import leave, leaves_at_once
from accounts.enums import Audience
from accounts.local.views import show_door
from accounts.mire.forms import MireForm
from accounts.mire.remembered_door import RememberedDoor, forget_door
from accounts.sign_in.already import already_signed_in
from accounts.sign_in.query import SignInQuery
from signin.form_ends import may_end_anywhere

DOOR = "guichet"
CHANGE = "changer"
_ICONS = {
    Audience.FAMILY: "users",
    Audience.TEACHER: "book",
    Audience.STAFF: "school",
    Audience.STUDENT: "book",
    Audience.OTHER: "user",
}


@dataclass(kw_only=True, slots=True)
class Answer:
    """One of the answers, with the doors that it opens."""

    audience: Audience
    icon: str
    doors: list[Door] = field(default_factory=list)
    is_chosen: bool = False
    chosen_code: str = ""


@login_not_required
@never_cache
@may_end_anywhere  # a door is shown here, too
@csrf_exempt  # each of the two forms below checks its own token
@require_http_methods(["GET", "HEAD", "POST"])
def mire(request: HttpRequest) -> HttpResponse:
    """Show the answers, the door that is remembered, or the door that the address names."""
    sign_in_query = SignInQuery.of(request)
    doors = Door.objects.all().with_servers()
    if door := doors.filter(code=request.GET.get(DOOR, "")[:60]).first():
        return show_door(request, door, sign_in_query)
    if request.method == "POST" and "username" in request.POST:
        return _sign_in_of_a_program(request, sign_in_query)
    if request.method == "POST":
        return _choose(request, sign_in_query)
    if request.user.is_authenticated:
        return already_signed_in(request, sign_in_query)
    remembered = RememberedDoor.remembered(request)
    if remembered is None or CHANGE in request.GET:
        return _page(request, sign_in_query, MireForm(), remembered)
    if remembered.door.asks_for_password or remembered.door.leads_elsewhere:
        return HttpResponseRedirect(door_address(remembered, sign_in_query))
    context = {
        "choice": remembered,
        "continue_href": door_address(remembered, sign_in_query),
        "change_href": change_address(sign_in_query),
    }
    return render(request, "accounts/mire_remembered.html", context)


def _sign_in_of_a_program(request: HttpRequest, sign_in_query: SignInQuery) -> HttpResponse:
    """Evaluate a login and a password that came with the form of the choice.

    Programs that sign in by reading the page of `/cas/login` add them to whatever form it holds
    (4-pronote, 2); every door that asks for a password takes every account that has one. The form's
    token is the login ticket of `signin.form_tickets`.
    """
    sent = {value for name, value in request.POST.items() if name.startswith(f"{DOOR}-")}
    asking = [door for door in Door.objects.all().with_servers() if door.asks_for_password]
    door = next((door for door in asking if door.code in sent), next(iter(asking), None))
    if door is None:
        return _choose(request, sign_in_query)
    return show_door(request, door, sign_in_query)


@csrf_protect
def _choose(request: HttpRequest, sign_in_query: SignInQuery) -> HttpResponse:
    """Lead to the chosen door, or right through it; remember it only when asked to."""
    form = MireForm(request.POST)
    if not form.is_valid():
        return _page(request, sign_in_query, form, None)
    choice: RememberedDoor = form.cleaned_data["choice"]
    response: HttpResponse
    if leaves_at_once(request, choice.door):
        response = leave(request, choice.door, sign_in_query)
    else:
        response = HttpResponseRedirect(door_address(choice, sign_in_query), status=303)
    if form.cleaned_data["memoriser"] == "oui":
        choice.remember(response)
    else:
        forget_door(response)
    return response


def _page(
    request: HttpRequest,
    sign_in_query: SignInQuery,
    form: MireForm,
    remembered: RememberedDoor | None,
) -> HttpResponse:
    answers = list_answers(form, sign_in_query, remembered)
    context = {"form": form, "answers": answers, "sign_in_query": sign_in_query, "change": CHANGE}
    return render(request, "accounts/mire.html", context)


def list_answers(
    form: MireForm, sign_in_query: SignInQuery, remembered: RememberedDoor | None
) -> list[Answer]:
    """Return the answers that have a door, with their doors; one statement for all doors."""
    answers = {audience: Answer(audience=audience, icon=_ICONS[audience]) for audience in Audience}
    for door in Door.objects.select_related("authority"):
        for audience in door.audiences:
            answers[Audience(audience)].doors.append(door)
    wanted = form.data.get("profil") if form.is_bound else sign_in_query.audience
    if wanted is None and remembered is not None:
        wanted = remembered.audience
    for answer in answers.values():
        answer.is_chosen = answer.audience == wanted
        answer.chosen_code = _preset_door(answer, form, sign_in_query, remembered)
    return [answer for answer in answers.values() if answer.doors]


def _preset_door(
    answer: Answer, form: MireForm, sign_in_query: SignInQuery, remembered: RememberedDoor | None
) -> str:
    """The door that was ticked, the only one, that of the school of the address, the one that was
    remembered, or that of the school that this browser was last in.
    """
    codes = [door.code for door in answer.doors]
    typed = str(form.data.get(f"guichet-{answer.audience}", "")) if form.is_bound else ""
    if typed in codes:
        return typed
    if len(codes) == 1:
        return codes[0]
    chosen = remembered.door.code if remembered and remembered.audience == answer.audience else ""
    if chosen and not sign_in_query.is_school_named:
        return chosen
    if sign_in_query.school is not None:
        authority = sign_in_query.school.authority_id
        return next((d.code for d in answer.doors if d.authority_id == authority), "")
    return ""


def door_address(choice: RememberedDoor, sign_in_query: SignInQuery) -> str:
    """Return the address of a door's own page, the sign_in_query carried on."""
    address = reverse("accounts:door", args=[choice.door.code])
    return address + sign_in_query.query(audience=choice.audience)


def change_address(sign_in_query: SignInQuery) -> str:
    """Return the address of « Changer »: the whole mire, whatever is remembered."""
    return reverse("accounts:mire") + sign_in_query.query(audience=None, **{CHANGE: "1"})
