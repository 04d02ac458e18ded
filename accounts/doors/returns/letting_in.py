"""From an account that was found to an open session, and the page that comes next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.account.models import Account
from accounts.doors.base.departure import Departure
from accounts.doors.base.models import Door
from accounts.doors.base.protocol import Assertion
from accounts.doors.returns import pages
from accounts.doors.returns import services as returns
from accounts.doors.returns.renewal import stop_asking_again
from accounts.steps import services as steps
from signin.destinations import SIGNED_IN_FOR_KEY


def let_in(
    request: HttpRequest, door: Door, account: Account, said: Assertion, departure: Departure
) -> HttpResponse:
    """Open the session, and go on to an address without ticket."""
    previous = returns.enter(request, account=account, door=door, assertion=said)
    sign_in_query = pages.query_of(departure)
    steps.keep_query(request, school=sign_in_query.school, next_path=sign_in_query.next_path)
    if not said.is_fresh:  # remembered over there: no service may take it for fresh
        request.session.pop(SIGNED_IN_FOR_KEY, None)
    if previous is not None:
        request.session[pages.PREVIOUS_KEY] = previous.person.full_name
        address = reverse(steps.CHANGED_PERSON)
    else:
        address = steps.address_after_sign_in(request)
    response = HttpResponseRedirect(address, status=303)
    stop_asking_again(response)
    return response
