"""Rescues: a password, a login, a wait, a whole class."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from accounts.desk.blocking import end_wait
from accounts.models import Account
from credentials.choice.population import chosen_accounts, tally
from credentials.perms import may_rescue_account
from credentials.rescue.forms import ClassRescueForm, LoginForm
from credentials.rescue.services import (
    CeilingError,
    OvertakenError,
    give_login,
    note_ceiling,
    regenerate_class,
    regenerate_password,
)
from directory.models import Group
from directory.rights.actors import Actor, actor_of, person_of, require
from directory.rights.acts import Act
from directory.rights.walls import persons_in_reach, visible_groups
from ent.audit.enums import Act as AuditAct
from ent.audit.enums import Outcome
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.pages.pagination import paginate
from ent.text.numbers import read_number
from ent.web.acts import asks_for_recent_proof
from signin.throttle import services as throttle
from signin.throttle.waits import say_wait

CLASSES_PER_PAGE = 50


def _found(request: HttpRequest, person: uuid.UUID) -> Account:
    """Return the account of somebody whom the actor sees; anybody else does not exist."""
    actor = require(request, Act.RESCUE)
    seen = persons_in_reach(actor, Act.RESCUE)
    shown = get_object_or_404(seen, uuid=person)
    accounts = Account.objects.select_related("person__main_school")
    return get_object_or_404(accounts, person=shown)


def _refusal(request: HttpRequest, account: Account, act: AuditAct) -> HttpResponse | None:
    """The page that says why not; a refused post leaves its line in the journal (T-F7)."""
    verdict = may_rescue_account(actor_of(request), account)
    if verdict:
        return None
    if request.method == "POST":
        record(
            act=act,
            actor=actor_of(request).uuid,
            subject=account.person.uuid,
            origin=Origin.of(request),
            outcome=Outcome.REFUSED,
        )
    context = {"account": account, "reason": verdict.reason}
    return render(request, "credentials/rescue_refused.html", context, status=403)


@require_http_methods(["GET", "POST"])
@sensitive_variables("rescued")
@asks_for_recent_proof
def regenerate(request: HttpRequest, person: uuid.UUID) -> HttpResponse:
    """« Souhaitez-vous créer un nouveau mot de passe pour cet utilisateur ? », then show it once.

    The code stands in the answer to the post and nowhere else: a reload posts a generation that is
    over, and "back" finds nothing (T-F6).
    """
    account = _found(request, person)
    if refusal := _refusal(request, account, AuditAct.PASSWORD_REGENERATED):
        return refusal
    if request.method != "POST":
        return render(request, "credentials/regenerate_password.html", {"account": account})
    actor, origin = person_of(request), Origin.of(request)
    seen = read_number(request.POST.get("generation", ""))
    try:
        rescued = regenerate_password(
            account=account,
            seen_generation=-1 if seen is None else seen,
            actor=actor,
            origin=origin,
        )
    except OvertakenError:
        return render(
            request, "credentials/rescue_overtaken.html", {"account": account}, status=409
        )
    except CeilingError:
        note_ceiling(actor=actor, origin=origin)
        return render(request, "credentials/rescue_ceiling.html", {"account": account}, status=429)
    return render(request, "credentials/password_once.html", {"rescued": rescued})


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def login(request: HttpRequest, person: uuid.UUID) -> HttpResponse:
    """« Modifier le login »: see it, change it."""
    account = _found(request, person)
    if refusal := _refusal(request, account, AuditAct.LOGIN_CHANGED):
        return refusal
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            give_login(
                account=account,
                login=form.cleaned_data["identifiant"],
                actor=person_of(request),
                origin=Origin.of(request),
            )
        except ValidationError as problem:
            form.add_error("identifiant", problem)
        else:
            messages.success(request, f"L’identifiant est maintenant {account.login}.")
            return redirect("directory:person", person=account.person.uuid)
    return render(request, "credentials/change_login.html", {"account": account, "form": form})


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def unlock(request: HttpRequest, person: uuid.UUID) -> HttpResponse:
    """« Débloquer »: the wait earned by wrong passwords ends at once (T-A8)."""
    account = _found(request, person)
    if refusal := _refusal(request, account, AuditAct.ACCOUNT_UNLOCKED):
        return refusal
    if request.method != "POST":
        seconds = throttle.wait_of(account.login)
        wait = say_wait(seconds) if seconds else ""
        return render(request, "credentials/unlock.html", {"account": account, "wait": wait})
    end_wait(account=account, actor=actor_of(request).uuid, origin=Origin.of(request))
    messages.success(request, "L’attente est levée\u00a0: le prochain essai sera accepté.")
    return redirect("directory:person", person=account.person.uuid)


@require_GET
def classes(request: HttpRequest) -> HttpResponse:
    """Choose the class to rescue."""
    actor = require(request, Act.RESCUE)
    groups = (
        visible_groups(actor, Act.RESCUE)
        .matching(request.GET.get("q", ""))
        .filter(is_present=True)
        .select_related("school")
        .order_by("school__search_key", "kind", "sort_key", "code", "pk")
    )
    page = paginate(groups, request.GET.get("page"), size=CLASSES_PER_PAGE, cap=None)
    context = {"page": page, "typed": request.GET.get("q", "")}
    return render(request, "credentials/rescue_classes.html", context)


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def whole_class(request: HttpRequest, group: uuid.UUID) -> HttpResponse:
    """Replace the passwords of a class."""
    actor = require(request, Act.RESCUE)
    reachable = visible_groups(actor, Act.RESCUE).select_related("school")
    found = get_object_or_404(reachable, uuid=group)
    return _whole_class(request, actor, found)


def _whole_class(request: HttpRequest, actor: Actor, group: Group) -> HttpResponse:
    data = request.POST if request.method == "POST" else ClassRescueForm.initial_data()
    form = ClassRescueForm(data)
    counted = None
    if form.is_valid():
        choice = form.choice(group)
        counted = tally(choice, actor=actor, act=Act.RESCUE)
        is_sent = request.method == "POST" and "compter" not in request.POST
        is_sure = is_sent and form.confirms(counted.chosen) and counted.chosen > 0
        if is_sure and _regenerated(request, actor, group, form):
            messages.success(
                request, "Les mots de passe sont remplacés\u00a0: les fiches se préparent."
            )
            return redirect("credentials:slips")
    context = {"form": form, "group": group, "counted": counted}
    return render(request, "credentials/rescue_class.html", context)


def _regenerated(request: HttpRequest, actor: Actor, group: Group, form: ClassRescueForm) -> bool:
    """Do it, unless somebody was first: the form then says so."""
    choice = form.choice(group)
    try:
        regenerate_class(
            group=group,
            choice=choice,
            accounts=list(chosen_accounts(choice, actor=actor, act=Act.RESCUE)),
            seen_at=form.seen_at,
            actor=person_of(request),
            origin=Origin.of(request),
        )
    except OvertakenError:
        form.tell_overtaken()
        return False
    return True
