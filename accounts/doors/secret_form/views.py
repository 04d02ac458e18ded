"""The page of a door that asks here for a secret which another server knows."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from accounts.doors.base.models import Door
from accounts.doors.base.protocol import DoorError
from accounts.doors.bindings.matching import BindingRefusedError
from accounts.doors.returns import pages
from accounts.doors.returns import services as returns
from accounts.doors.returns.leaving import departure_for
from accounts.doors.returns.letting_in import let_in
from accounts.doors.secret_form.forms import SecretForm
from accounts.doors.secret_form.services import check_secret
from accounts.enums import DoorFault
from accounts.sign_in.already import answer_late_form
from accounts.sign_in.query import SignInQuery
from accounts.sign_in.typed import typed_login
from ent.audit.origin import Origin
from signin import devices
from signin.enums import Method
from signin.form_ends import may_end_anywhere
from signin.form_tickets.checks import (
    NO_COOKIE,
    StaleTicketError,
    has_form_cookie,
    ticket_of,
)
from signin.places import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place
from signin.sessions.methods import DEMAND
from signin.throttle.services import WaitError
from signin.throttle.waits import say_wait

_REFUSED = "Identifiant ou mot de passe incorrect."
_BUSY = "Beaucoup de personnes se connectent en ce moment\u00a0: recommencez dans un instant."
_STALE = "La page était ouverte depuis trop longtemps\u00a0: recommencez, rien n’a été fait."


def show_secret_form(
    request: HttpRequest,
    door: Door,
    sign_in_query: SignInQuery,
    *,
    form: SecretForm | None = None,
    problem: str = "",
    status: int = 200,
    retry_after_seconds: int = 0,
) -> HttpResponse:
    """Show the form. Only the login comes back, as it was typed (T-A1)."""
    # Asked of the sign-in and not of the address: a service that asked stands in it as a page.
    method = request.GET.get(DEMAND, "")
    address = reverse("accounts:check_secret", args=[door.code])
    context = {
        "door": door,
        "sign_in_query": sign_in_query,
        "change_href": reverse("accounts:mire") + sign_in_query.query(changer="1"),
        "form": form or SecretForm(initial=typed_login(request)),
        "problem": problem,
        "names_school": bool(problem) and problem not in (_STALE, _BUSY),
        "action": address + sign_in_query.query(exiger=method if method in Method.values else ""),
    }
    response = render(request, "accounts/door_secret_form.html", context, status=status)
    if retry_after_seconds:
        response.headers["Retry-After"] = str(retry_after_seconds)
    return response


@login_not_required
@never_cache
@may_end_anywhere
@csrf_exempt  # the login ticket of `signin.form_tickets` stands in for it
@sensitive_post_parameters()
@sensitive_variables("form")
@require_POST
def check_secret_page(request: HttpRequest, code: str) -> HttpResponse:
    """Evaluate what was typed at such a door."""
    door = get_object_or_404(Door.objects.all().with_servers(), code=code)
    if not (door.leads_elsewhere and door.protocol.asks_for_secret):
        raise Http404
    return check_typed_secret(request, door, SignInQuery.of(request))


@sensitive_post_parameters()
@sensitive_variables("form")
def check_typed_secret(
    request: HttpRequest, door: Door, sign_in_query: SignInQuery
) -> HttpResponse:
    """Evaluate what was typed, on the form's own address or on the page that shows it.

    Programs post the form to the address that they read it at: `/cas/login?guichet=…`.
    """
    form = SecretForm(request.POST)
    if not form.is_valid():
        return show_secret_form(request, door, sign_in_query, form=form)
    try:
        ticket = ticket_of(request)
        with sign_in_place():
            return _evaluate(request, door, sign_in_query, form, ticket)
    except StaleTicketError:
        return _say_stale(request, door, sign_in_query)
    except TooBusyError:
        return _say_busy(request, door, sign_in_query)


@sensitive_variables("form")
def _evaluate(
    request: HttpRequest,
    door: Door,
    sign_in_query: SignInQuery,
    form: SecretForm,
    ticket: bytes | None,
) -> HttpResponse:
    departure = departure_for(request, door, sign_in_query)
    try:
        said = check_secret(
            door=door,
            login=form.cleaned_data["username"],
            secret=form.cleaned_data["password"],
            ticket=ticket,
            devices=devices.known_devices(request),
            origin=Origin.of(request, door=door.code),
        )
        if said is None:
            return show_secret_form(request, door, sign_in_query, problem=_REFUSED)
        returns.hold_to(departure.demand, said)
        account = returns.account_for(request, door, said)
    except WaitError as error:
        return _say_wait(request, door, sign_in_query, int(error.args[0]))
    except DoorError as error:
        if error.fault == DoorFault.BUSY:
            return _say_busy(request, door, sign_in_query)
        return pages.trouble(request, door, error.fault, departure)
    except BindingRefusedError as error:
        return pages.refused(request, door, error, departure)
    is_other = request.user.is_authenticated and request.user.pk != account.pk
    if is_other and departure.confirms:
        return pages.somebody_else(request, door, account, departure)
    response = let_in(request, door, account, said, departure)
    devices.remember_device(request, response, principal=account.uuid)
    return response


def _say_stale(request: HttpRequest, door: Door, sign_in_query: SignInQuery) -> HttpResponse:
    """403; whoever is signed in reads so. The login is another server's: it names nobody here."""
    if answer := answer_late_form(request, sign_in_query):
        return answer
    problem = _STALE if has_form_cookie(request) else NO_COOKIE
    return show_secret_form(request, door, sign_in_query, problem=problem, status=403)


def _say_wait(
    request: HttpRequest, door: Door, sign_in_query: SignInQuery, wait_seconds: int
) -> HttpResponse:
    problem = f"Trop d’essais\u00a0: attendez {say_wait(wait_seconds)} avant de recommencer."
    return show_secret_form(
        request, door, sign_in_query, problem=problem, status=429, retry_after_seconds=wait_seconds
    )


def _say_busy(request: HttpRequest, door: Door, sign_in_query: SignInQuery) -> HttpResponse:
    return show_secret_form(
        request,
        door,
        sign_in_query,
        problem=_BUSY,
        status=503,
        retry_after_seconds=RETRY_AFTER_SECONDS,
    )
