"""The frame of the guichet's pages: the academy's own, not the portal's."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from ent.pages.chrome import Chrome, Link
from guichet.authority.current import current_guichet


def build(request: HttpRequest) -> Chrome:
    """Name, logo and colour of the authority; who is signed in, and the way out."""
    guichet = current_guichet()
    agent = request.user if hasattr(request, "user") and request.user.is_authenticated else None
    is_bound = bool(getattr(request, "has_forced_step", False))
    footer = (
        Link("Infos sécurité", reverse("guichet:security")),
        Link("Charte d’usage du système d’information", reverse("guichet:charter")),
    )
    home = reverse("guichet:enter" if agent is None else "guichet:home")
    return Chrome(
        portal_name=guichet.name,
        home_href=home,
        place="Accédez à vos applications",
        logo_href=reverse("guichet:logo"),
        theme_href=reverse("guichet:theme", args=[guichet.colour.removeprefix("#")]),
        sign_out_href=reverse("guichet:sign_out") if agent is not None else "",
        account_name=getattr(agent, "full_name", "") if agent is not None else "",
        account_detail=getattr(agent, "uid", "") if agent is not None else "",
        account_links=()
        if agent is None or is_bound
        else (
            Link("Mes accès", reverse("guichet:home"), "home"),
            Link("Changer de mot de passe", reverse("guichet:change_password"), "key"),
        ),
        footer=footer,
    )
