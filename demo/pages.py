"""How the demonstration's schools show themselves."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.text import slugify

from demo.contents import (
    COLOURS,
    DOCUMENTS,
    HOURS,
    HOURS_NOTE,
    INTRODUCTIONS,
    LINKS,
    NEWS,
    PAGES,
    PORTAL_NEWS,
    NewsText,
    typeset,
)
from demo.pdf import one_page_pdf
from directory.models import School
from portal.enums import FileKind, NewsState
from portal.models import (
    NewsItem,
    OpeningPeriod,
    PracticalPage,
    SchoolPage,
    SiteFile,
    UsefulLink,
)
from portal.writing.cleaning import html_of


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
    _write_sites([page.school for page in pages])
    UsefulLink.objects.bulk_create(links)
    NewsItem.objects.bulk_create(news)
    if not NewsItem.objects.filter(school__isnull=True).exists():
        _news(None, PORTAL_NEWS, 0).save()
    return len(pages)


def _write_sites(schools: list[School]) -> None:
    """Give each school its menu, its hours and its documents."""
    PracticalPage.objects.bulk_create(
        PracticalPage(
            school=school,
            slug=slugify(title),
            title=typeset(title),
            body=html_of(typeset(text)),
            position=position,
            is_published=True,
        )
        for school in schools
        for position, (title, text) in enumerate(PAGES)
    )
    OpeningPeriod.objects.bulk_create(
        OpeningPeriod(school=school, weekday=day, opens=opens, closes=closes)
        for school in schools
        for day, opens, closes in HOURS
    )
    documents = [(name, one_page_pdf(lines)) for name, lines in DOCUMENTS]
    SiteFile.objects.bulk_create(
        SiteFile(
            school=school,
            kind=FileKind.DOCUMENT,
            name=f"{name}.pdf",
            content_type="application/pdf",
            size_bytes=len(data),
            is_listed=True,
            data=data,
        )
        for school in schools
        for name, data in documents
    )


def _page(school: School, rank: int) -> SchoolPage:
    texts = INTRODUCTIONS[_kind(school)]
    return SchoolPage(
        school=school,
        colour=COLOURS[rank % len(COLOURS)],
        introduction=html_of(typeset(texts[rank % len(texts)])),
        hours_note=typeset(HOURS_NOTE),
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
        body=html_of(typeset(text.body)),
        audience=text.audience,
        state=NewsState.PUBLISHED,
        shows_from=timezone.now() - timedelta(days=text.days_ago, hours=rank % 7),
    )
