"""What the site of a school puts on the administration desk."""

from __future__ import annotations

from django.http import HttpRequest

from directory.desk.registry import DeskCard, register_card
from directory.rights.actors import actor_of
from directory.rights.acts import Act
from directory.rights.walls import visible_schools
from ent.pages.figures import count_capped, figure
from portal.models import NewsItem


def register_entries() -> None:
    """Called once the rooms are loaded."""
    register_card(
        DeskCard(
            code="site",
            title="Site de l’établissement",
            words="Actualités, pages, documents, horaires\u00a0: ce que voient les familles.",
            icon="news",
            url_name="portal:site",
            is_allowed=_keeps_a_site,
            rank=30,
            figure=_showing,
        )
    )


def _keeps_a_site(request: HttpRequest) -> bool:
    return actor_of(request).may(Act.SCHOOL_PAGE)


def _showing(request: HttpRequest) -> str:
    schools = visible_schools(actor_of(request), Act.SCHOOL_PAGE).values("pk")
    found = NewsItem.objects.showing().filter(school__in=schools).order_by()
    return figure(count_capped(found), "actualité en ligne", "actualités en ligne")
