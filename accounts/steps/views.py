"""The forced step that accepts the terms of use (R-E9)."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.account.models import Account
from accounts.steps import services as steps
from accounts.steps.forms import TermsForm
from accounts.steps.services import PENDING_TERMS_KEY, STEPS_TAKEN_KEY
from accounts.steps.terms import accept_terms, terms_to_accept
from ent.audit.origin import Origin
from ent.web.acts import needs_no_recent_proof
from signin.form_ends import may_end_anywhere


@needs_no_recent_proof
@never_cache
@may_end_anywhere
@require_http_methods(["GET", "HEAD", "POST"])
def accept_terms_step(request: HttpRequest) -> HttpResponse:
    """Show the terms that hold for this account; nothing else opens before they are accepted."""
    account = cast("Account", request.user)
    text = terms_to_accept(account)
    form = TermsForm(request.POST if request.method == "POST" else None)
    if text is not None and not (request.method == "POST" and form.is_valid()):
        paragraphs = [part.strip() for part in text.body.split("\n\n") if part.strip()]
        context = {
            "form": form,
            "text": text,
            "paragraphs": paragraphs,
            "had_password_step": STEPS_TAKEN_KEY in request.session,
        }
        return render(request, "accounts/accept_terms.html", context)
    if text is not None:
        accept_terms(account=account, text=text, origin=Origin.of(request))
    request.session.pop(PENDING_TERMS_KEY, None)
    request.session.pop(STEPS_TAKEN_KEY, None)
    return HttpResponseRedirect(steps.address_after_sign_in(request), status=303)
