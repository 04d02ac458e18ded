"""How the demonstration's schools show themselves."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from directory.models import School
from portal.demo.contents import COLOURS, INTRODUCTIONS, LINKS, NEWS, PORTAL_NEWS, NewsText, typeset
from portal.enums import NewsState
from portal.models import NewsItem, SchoolPage, UsefulLink


def dress_schools() -> int:
    """Give every active school that has no page yet its colour, links and news; say how many."""
    schools = School.objects.active().filter(page__isnull=True).order_by("uai")
    pages, links, news = [], [], []
    for rank, school in enumerate(schools):
        pages.append(_page(school, rank))
        links += [
            UsefulLink(school=school, label=typeset(label), address=address, position=position)
            for position, (label, address) in enumerate(LINKS)
            if (position + rank) % 4
        ]
        start = rank * 2
        news += [_news(school, NEWS[(start + step) % len(NEWS)], rank) for step in range(4)]
    SchoolPage.objects.bulk_create(pages)
    UsefulLink.objects.bulk_create(links)
    NewsItem.objects.bulk_create(news)
    if not NewsItem.objects.filter(school__isnull=True).exists():
        _news(None, PORTAL_NEWS, 0).save()
    return len(pages)


def _page(school: School, rank: int) -> SchoolPage:
    texts = INTRODUCTIONS[_kind(school)]
    return SchoolPage(
        school=school,
        colour=COLOURS[rank % len(COLOURS)],
        introduction=typeset(texts[rank % len(texts)]),
        contact_email=f"secretariat.{school.uai.lower()}@preau.invalid",
        contact_phone=school.phone.replace("+33 ", "0", 1),
    )


def _kind(school: School) -> str:
    label = school.kind_label.upper()
    if "AGRICOLE" in label:
        return "agricole"
    if "COLLEGE" in label:
        return "college"
    return "professionnel" if "PROFESSIONNEL" in label else "lycee"


def _news(school: School | None, text: NewsText, rank: int) -> NewsItem:
    return NewsItem(
        school=school,
        title=typeset(text.title),
        body=typeset(text.body),
        audience=text.audience,
        state=NewsState.PUBLISHED,
        shows_from=timezone.now() - timedelta(days=text.days_ago, hours=rank % 7),
    )
