"""The public news of a school as RSS 2.0."""

from __future__ import annotations

from django.utils.feedgenerator import Rss201rev2Feed

from directory.models import School
from ent.pages.names import calm_name
from portal.addresses import canonical_address, news_address
from portal.models import NewsItem
from portal.school_pages.appearance import page_of
from portal.writing.cleaning import beginning_of

ITEMS = 20


def feed_of(school: School) -> str:
    """Titles, beginnings and addresses of what shows now, the newest first."""
    page = page_of(school)
    name = calm_name(school.name)
    address = canonical_address(school, page)
    feed = Rss201rev2Feed(
        title=name,
        link=address,
        description=f"Les actualités publiques\u00a0: {name}",
        language="fr",
        feed_url=f"{address}actualites.rss",
    )
    for item in NewsItem.objects.public_of(school).order_by("-shows_from", "-pk")[:ITEMS]:
        link = news_address(school, page, item.uuid)
        feed.add_item(
            title=item.title,
            link=link,
            description=beginning_of(item.body),
            pubdate=item.shows_from,
            unique_id=str(item.uuid),
            unique_id_is_permalink=False,
        )
    return feed.writeString("utf-8")
