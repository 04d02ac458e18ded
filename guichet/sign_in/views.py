"""Coming in and going out."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guichet.sign_in import pages
from guichet.sign_in.opening import close_session
from guichet.sign_in.stale import stale_form
from signin.destinations import safe_path
from signin.form_ends import may_end_anywhere
from signin.form_tickets.checks import is_of_this_site
from signin.reachable import reachable_during_steps


@login_not_required
@never_cache
@may_end_anywhere
@csrf_exempt  # the login ticket of `signin.form_tickets` stands in for it
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """The page « accédez à vos applications »."""
    return pages.answer(request, safe_path(request.GET.get("next", "")))


@login_not_required
@never_cache
@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """The bare host leads to the page, or to what one may open."""
    name = "guichet:home" if request.user.is_authenticated else "guichet:enter"
    return HttpResponseRedirect(reverse(name))


@reachable_during_steps
@login_not_required
@never_cache
@csrf_exempt  # a button of an old tab signs out, too: `is_of_this_site`
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, with everything that hangs on it."""
    if request.user.is_authenticated:
        if not is_of_this_site(request):
            return stale_form(request)
        close_session(request)
    return HttpResponseRedirect(reverse("guichet:signed_out"), status=303)


@reachable_during_steps
@login_not_required
@never_cache
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """Say that it is done."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(reverse("guichet:home"))
    return pages.signed_out_page(request)
