"""« Bloquer » and « Rétablir » an account."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.enums import AccountState
from accounts.models import Account, AccountBlock
from credentials.blocking.forms import BlockForm
from credentials.blocking.services import block as block_it
from credentials.blocking.services import restore as restore_it
from directory.rights.actors import actor_of, person_of, require
from directory.rights.acts import Act
from directory.rights.perms import can_block
from directory.rights.walls import persons_in_reach
from ent.audit.enums import Act as AuditAct
from ent.audit.enums import Outcome
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.pages.french import day_words, of_name
from ent.web.acts import asks_for_recent_proof


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def block(request: HttpRequest, person: uuid.UUID) -> HttpResponse:
    """Ask why and until when, then close the account."""
    account = _found(request, person)
    if refusal := _refusal(request, account, AuditAct.ACCOUNT_BLOCKED):
        return refusal
    if account.state == AccountState.BLOCKED:
        return _blocked(request, account)
    form = BlockForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        block_it(
            account=account,
            reason=form.cleaned_data["motif"],
            last_day=form.cleaned_data["jusqu_au"],
            actor=person_of(request),
            origin=Origin.of(request),
        )
        return _blocked(request, account)
    return render(request, "credentials/block.html", {"account": account, "form": form})


@require_http_methods(["GET", "POST"])
@asks_for_recent_proof
def restore(request: HttpRequest, person: uuid.UUID) -> HttpResponse:
    """Open a blocked account again."""
    account = _found(request, person)
    if refusal := _refusal(request, account, AuditAct.ACCOUNT_UNBLOCKED):
        return refusal
    if request.method == "POST":
        restore_it(account=account, actor=person_of(request), origin=Origin.of(request))
    if request.method == "POST" or account.state != AccountState.BLOCKED:
        return _said(request, account, f"Le compte {of_name(account.person.full_name)} est ouvert.")
    context = {"account": account, "facts": _facts(getattr(account, "block", None))}
    return render(request, "credentials/restore.html", context)


def _facts(block: AccountBlock | None) -> list[tuple[str, str]]:
    if block is None:
        return []
    by = f" par {block.blocked_by.full_name}" if block.blocked_by is not None else ""
    last_day = f"{day_words(block.last_day)} inclus" if block.last_day is not None else ""
    return [
        ("Bloqué le", f"{day_words(block.blocked_at)}{by}"),
        ("Motif", block.reason),
        ("Jusqu’au", last_day or "ce que quelqu’un le rétablisse"),
    ]


def _found(request: HttpRequest, person: uuid.UUID) -> Account:
    """Return the account of somebody whom the actor sees; anybody else does not exist."""
    actor = require(request, Act.LIFE_CYCLE)
    shown = get_object_or_404(persons_in_reach(actor, Act.LIFE_CYCLE), uuid=person)
    accounts = Account.objects.select_related("person__main_school", "block__blocked_by")
    return get_object_or_404(accounts, person=shown)


def _refusal(request: HttpRequest, account: Account, act: AuditAct) -> HttpResponse | None:
    """The page that says why not; a refused post leaves its line in the journal (T-F7)."""
    verdict = can_block(actor_of(request), account.person)
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


def _blocked(request: HttpRequest, account: Account) -> HttpResponse:
    return _said(request, account, f"Le compte {of_name(account.person.full_name)} est bloqué.")


def _said(request: HttpRequest, account: Account, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("directory:person", person=account.person.uuid)
