"""Texts of a site: saved by version, cited files written down, restored; each act journaled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, TypeVar

from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.text import slugify

from directory.models import Group, Person, School
from ent.audit.enums import Act
from ent.audit.services import record
from portal.enums import FileKind, NewsAudience, NewsState, SiteAct
from portal.models import (
    FileCitation,
    NewsItem,
    PracticalPage,
    SavedVersion,
    SchoolPage,
    SiteFile,
)
from portal.site.managed import Editor
from portal.writing.cleaning import clean_html, files_in, read_html
from portal.writing.document import (
    Block,
    Document,
    Heading,
    Inline,
    Item,
    ItemList,
    Paragraph,
    Picture,
    Quotation,
    Table,
    to_html,
)
from portal.writing.markdown import read_markdown

SiteText: TypeAlias = NewsItem | PracticalPage | SchoolPage
_T = TypeVar("_T", bound=SiteText)
_RESERVED: Final = "page"


class OvertakenError(Exception):
    """Somebody saved the text after the version on which this one is based."""

    def __init__(self, text: SiteText) -> None:
        super().__init__("the text was saved by somebody else")
        self.text = text
        self.saved = versions_of(text).select_related("author").first()


@dataclass(frozen=True, kw_only=True)
class NewsContent:
    """What the form of a piece of news says."""

    title: str
    markdown: str
    audience: NewsAudience
    profiles: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    is_pinned: bool = False
    shows_from: Any = None
    shows_until: Any = None


def owner_of(text: SiteText) -> dict[str, SiteText]:
    """The column of versions and citations that names *text*."""
    match text:
        case NewsItem():
            return {"news": text}
        case PracticalPage():
            return {"page": text}
        case _:
            return {"presentation": text}


def body_of(text: SiteText) -> str:
    """The stored HTML of a text."""
    return text.introduction if isinstance(text, SchoolPage) else text.body


def title_of(text: SiteText) -> str:
    """The title of a text; the presentation has none."""
    return "" if isinstance(text, SchoolPage) else text.title


def versions_of(text: SiteText) -> Any:
    """The saved versions of a text, newest first."""
    return SavedVersion.objects.filter(**owner_of(text))


@transaction.atomic
def save_news(
    *,
    school: School,
    item: NewsItem | None,
    based_on: int,
    content: NewsContent,
    is_published: bool,
    by: Editor,
) -> NewsItem:
    """Save a piece of news; *is_published* shows it from its date, at once without one."""
    item = _locked(item, based_on) if item is not None else NewsItem(school=school)
    was_published = item.state == NewsState.PUBLISHED
    item.title = content.title
    item.body = stored_html(content.markdown, school)
    item.audience = content.audience
    is_public = content.audience == NewsAudience.PUBLIC
    item.profiles = [] if is_public else sorted(content.profiles)
    item.is_pinned = content.is_pinned
    begun = item.shows_from if was_published else None
    item.shows_from = content.shows_from
    item.shows_until = content.shows_until
    if is_published or was_published:
        item.state = NewsState.PUBLISHED
        item.shows_from = content.shows_from or begun or timezone.now()
    item.author = by.person
    _save(item, by)
    item.groups.set([] if is_public else content.groups)
    if is_published and not was_published:
        _journal(Act.NEWS_PUBLISHED, item, by)
    return item


@transaction.atomic
def save_page(
    *,
    school: School,
    page: PracticalPage | None,
    based_on: int,
    title: str,
    markdown: str,
    is_published: bool,
    by: Editor,
) -> PracticalPage:
    """Save a page of the menu; a new one stands last, under an address made of its title."""
    if page is not None:
        page = _locked(page, based_on)
    else:
        School.objects.select_for_update(no_key=True).get(pk=school.pk)
        others = PracticalPage.objects.filter(school=school)
        page = PracticalPage(
            school=school, slug=_free_slug(title, others), position=others.count() + 1
        )
    was_published = page.is_published
    page.title = title
    page.body = stored_html(markdown, school)
    page.is_published = is_published
    _save(page, by)
    if is_published != was_published:
        _journal(Act.PAGE_PUBLISHED if is_published else SiteAct.PAGE_WITHDRAWN, page, by)
    return page


@transaction.atomic
def save_presentation(
    *, school: School, based_on: int, markdown: str, contact: dict[str, str], by: Editor
) -> SchoolPage:
    """Save what stands first on the page, and whom to ask."""
    known, _ = SchoolPage.objects.get_or_create(school=school)
    page = _locked(known, based_on)
    page.introduction = stored_html(markdown, school)
    page.contact_email = contact["contact_email"]
    page.contact_phone = contact["contact_phone"]
    page.website = contact["website"]
    _save(page, by)
    return page


@transaction.atomic
def restore(*, text: _T, version: SavedVersion, based_on: int, by: Editor) -> _T:
    """Make a former version the text again: cleaned anew, as a version of its own."""
    text = _locked(text, based_on)
    school = _school_of(text)
    body = _stored(read_html(version.body), school)
    if isinstance(text, SchoolPage):
        text.introduction = body
    else:
        text.title, text.body = version.title, body
    _save(text, by, act=SiteAct.TEXT_RESTORED)
    return text


@transaction.atomic
def withdraw(*, text: NewsItem | PracticalPage, by: Editor) -> None:
    """Take a text off every page; it stays for its editors."""
    if isinstance(text, NewsItem):
        text.state = NewsState.WITHDRAWN
        text.save(update_fields=["state", "updated_at"])
        _journal(Act.NEWS_UNPUBLISHED, text, by)
    else:
        text.is_published = False
        text.save(update_fields=["is_published", "updated_at"])
        _journal(SiteAct.PAGE_WITHDRAWN, text, by)


@transaction.atomic
def pin(*, item: NewsItem, is_pinned: bool, by: Editor) -> None:
    """Put a piece of news above the others, or back among them."""
    item.is_pinned = is_pinned
    item.save(update_fields=["is_pinned", "updated_at"])
    _journal(SiteAct.NEWS_PINNED, item, by)


@transaction.atomic
def delete(*, text: NewsItem | PracticalPage, by: Editor) -> None:
    """Delete a text with its versions; the journal keeps that it was."""
    _journal(SiteAct.TEXT_DELETED, text, by)
    text.delete()


@transaction.atomic
def move(*, rows: Any, moved: int, step: int, school: School, by: Editor) -> None:
    """Exchange a link or page with its neighbour; *rows* in their order."""
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    ordered = list(rows)
    at = next((index for index, row in enumerate(ordered) if row.pk == moved), None)
    if at is None or not 0 <= at + step < len(ordered):
        return
    ordered[at], ordered[at + step] = ordered[at + step], ordered[at]
    for position, row in enumerate(ordered):
        if row.position != position:
            row.position = position
            row.save(update_fields=["position"])
    record_facts(school, by, "ordre")


def record_facts(school: School, by: Editor, field: str) -> None:
    """Write down that a small fact of the site changed: which, never its words."""
    record(
        act=SiteAct.FACTS_CHANGED,
        actor=by.person.uuid,
        school_uai=school.uai,
        origin=by.origin,
        details={"field": field},
    )


def stored_html(markdown: str, school: School) -> str:
    """What is stored of a typed text: its pictures have words, its elements are of the list."""
    return _stored(read_markdown(markdown), school)


def _stored(document: Document, school: School) -> str:
    addresses = files_in(to_html(document))
    files = SiteFile.objects.filter(school=school, kind=FileKind.PICTURE, uuid__in=addresses)
    words = {
        f"/site/fichiers/{uuid}": "" if is_decorative else alternative
        for uuid, alternative, is_decorative in files.values_list(
            "uuid", "alternative", "is_decorative"
        )
    }

    def described(part: Inline) -> Inline:
        if isinstance(part, Picture) and not part.words:
            return replace(part, words=words.get(part.address, ""))
        return part

    return clean_html(to_html(tuple(_mapped(block, described) for block in document)))


def _mapped(block: Block, change: Callable[[Inline], Inline]) -> Block:
    def line(content: tuple[Inline, ...]) -> tuple[Inline, ...]:
        return tuple(change(part) for part in content)

    def item_list(found: ItemList) -> ItemList:
        items = (Item(line(one.content), tuple(map(item_list, one.lists))) for one in found.items)
        return replace(found, items=tuple(items))

    match block:
        case Heading() | Paragraph():
            return replace(block, content=line(block.content))
        case ItemList():
            return item_list(block)
        case Quotation(paragraphs):
            return Quotation(tuple(Paragraph(line(one.content)) for one in paragraphs))
        case Table(rows):
            return Table(tuple(tuple(line(cell) for cell in row) for row in rows))


def _locked(text: _T, based_on: int) -> _T:
    """Lock the row, and see that nobody saved it meanwhile."""
    rows: Any = type(text).objects
    locked: _T = rows.select_for_update().get(pk=text.pk)
    if locked.version != based_on:
        raise OvertakenError(locked)
    return locked


def _save(text: SiteText, by: Editor, act: TextChoices = SiteAct.TEXT_SAVED) -> None:
    text.version += 1
    text.save()
    owner = owner_of(text)
    body = body_of(text)
    SavedVersion.objects.create(
        **owner, number=text.version, title=title_of(text), body=body, author=by.person
    )
    cited = SiteFile.objects.filter(school=_school_of(text), uuid__in=files_in(body))
    FileCitation.objects.filter(**owner).exclude(file__in=cited).delete()
    FileCitation.objects.bulk_create(
        [FileCitation(file=file, **owner) for file in cited.defer("data")], ignore_conflicts=True
    )
    _journal(act, text, by)


def _journal(act: TextChoices, text: SiteText, by: Editor) -> None:
    details: dict[str, object] = {"version": text.version}
    match text:
        case NewsItem():
            details["news"] = str(text.uuid)
        case PracticalPage():
            details["page"] = str(text.uuid)
        case _:
            details["page"] = "presentation"
    record(
        act=act,
        actor=by.person.uuid,
        school_uai=_school_of(text).uai,
        origin=by.origin,
        details=details,
    )


def _school_of(text: SiteText) -> School:
    assert text.school is not None  # noqa: S101  # the portal's own news have no editor here
    return text.school


def _free_slug(title: str, others: Any) -> str:
    slug = slugify(title)[:50].strip("-") or _RESERVED
    taken = set(others.values_list("slug", flat=True))
    free, number = slug, 2
    while free in taken:
        free, number = f"{slug}-{number}", number + 1
    return free


def author_name(version: SavedVersion | None) -> str:
    """Who saved a version; an editor who was erased has no name any more."""
    author: Person | None = version.author if version is not None else None
    return author.full_name if author is not None else "une personne qui n’est plus là"
