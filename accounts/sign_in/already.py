"""Somebody is signed in already: the page that says so, and forms that come late (T-B5).

A sign-in form is late when it was sent twice, when it stood open in another tab while somebody
signed in, or when the browser went back to it. Nothing is evaluated; whoever is signed in here goes
on, unless the form names somebody else.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from accounts.sign_in.query import SignInQuery
from accounts.steps import services as steps
from directory.schools.current import current_place, own_place
from signin.destinations import connected_page


def already_signed_in(
    request: HttpRequest,
    sign_in_query: SignInQuery | None = None,
    *,
    is_late_form: bool = False,
) -> HttpResponse:
    """Say who is signed in and in which school; offer the school of the address when it is theirs.

    Somebody in school A may press « Se connecter » on the page of school B: B is one click away
    when it is theirs, and B's door one sign-out away when it is not. 403 for a form that was not
    evaluated.
    """
    query = sign_in_query or SignInQuery()
    place = current_place(request)
    wanted = query.school if query.is_school_named else None
    is_elsewhere = wanted is not None and (place is None or wanted.pk != place.school.pk)
    context = {
        "place": place,
        "wanted": wanted if is_elsewhere else None,
        "own": own_place(request, wanted) if wanted is not None and is_elsewhere else None,
        "continue_href": query.next_path or connected_page(),
        "is_late_form": is_late_form,
    }
    status = 403 if is_late_form else 200
    return render(request, "accounts/already_signed_in.html", context, status=status)


def answer_late_form(
    request: HttpRequest, sign_in_query: SignInQuery, *, login: str = ""
) -> HttpResponse | None:
    """Answer a late form of somebody who is signed in; None when nobody is, or a proof is asked.

    *login* is whom the form names, "" when it names nobody whom we would recognise.
    """
    if sign_in_query.renew or not request.user.is_authenticated:
        return None
    if login and login == request.user.login:
        address = steps.address_of_signed_in(request, next_path=sign_in_query.next_path)
        return HttpResponseRedirect(address, status=303)
    return already_signed_in(request, sign_in_query, is_late_form=True)
