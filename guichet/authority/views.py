"""What dresses the pages, and the authority's own texts."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from ent.pages.colour import palette_for, parse_hex
from guichet.authority.current import current_guichet
from signin.reachable import reachable_during_steps

FOREVER = "public, max-age=31536000, immutable"


@reachable_during_steps
@login_not_required
@require_safe
def theme(request: HttpRequest, colour: str) -> HttpResponse:
    """The readable palette of a colour; a pure function of the address."""
    known = parse_hex(colour)
    if known is None:
        raise Http404("no colour")
    response = HttpResponse(palette_for(known).as_css(), content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = FOREVER
    return response


@reachable_during_steps
@login_not_required
@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The authority's logo; without one, its initial on its colour."""
    guichet = current_guichet()
    if guichet.logo:
        response = HttpResponse(bytes(guichet.logo), content_type="image/png")
    else:
        drawn = render_to_string("guichet/monogram.svg", {"guichet": guichet})
        response = HttpResponse(drawn, content_type="image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@reachable_during_steps
@login_not_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """« Infos sécurité »."""
    return render(request, "guichet/security.html", {"guichet": current_guichet()})


@reachable_during_steps
@login_not_required
@require_safe
def charter(request: HttpRequest) -> HttpResponse:
    """« Charte d'usage du système d'information »."""
    return render(request, "guichet/charter.html", {"guichet": current_guichet()})


@reachable_during_steps
@login_not_required
@require_safe
def key_guide(request: HttpRequest) -> HttpResponse:
    """« Guide d'utilisation de la clé OTP », one sheet to print."""
    return render(request, "guichet/key_guide.html", {"guichet": current_guichet()})
