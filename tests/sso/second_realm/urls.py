"""The addresses of the second realm: the protocol, a form, a page behind it."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from tests.sso.second_realm.policy import answer_form


@login_not_required
@csrf_exempt
def enter(request: HttpRequest) -> HttpResponse:
    """The form on a page of its own."""
    return answer_form(request, request.GET.get("next", ""), is_served_here=False)


def home(request: HttpRequest) -> HttpResponse:
    """A page for those who are signed in."""
    return HttpResponse("Accueil", content_type="text/plain")


urlpatterns = [
    path("entrer/", enter, name="enter"),
    path("accueil/", home, name="home"),
    path("preuve/", home, name="strength"),
    path("cas/", include("sso.urls")),
]

handler400 = "ent.web.errors.bad_request"
handler403 = "ent.web.errors.permission_denied"
handler404 = "ent.web.errors.not_found"
handler500 = "ent.web.errors.server_error"
