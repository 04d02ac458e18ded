"""A text as a tree: what it may hold, its one normal form, and its HTML.

The elements are titles (h2, h3), paragraphs with line breaks, lists, links, quotations, pictures
and tables. There is no way to write another one: HTML is made of these classes only, and every
text and attribute is escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import quote

from django.utils.html import escape

#: Lists within lists beyond this depth continue in the deepest one.
MAX_DEPTH: Final = 4
_SPACES = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_SAFE_HREF = re.compile(r"(?:https?://[^/?#\s]|mailto:[^\s@]+@|tel:\+?[0-9]|/(?![/\\]))", re.I)
_PICTURE = re.compile(r"/site/fichiers/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What an address keeps as it is: reserved and unreserved signs of RFC 3986, without brackets.
_HREF_SIGNS: Final = "/:?#@!$&'*+,;=~%"


@dataclass(frozen=True)
class Text:
    """Words."""

    words: str


@dataclass(frozen=True)
class Break:
    """A new line within a paragraph."""


@dataclass(frozen=True)
class Link:
    """Words that lead somewhere."""

    href: str
    words: str


@dataclass(frozen=True)
class Picture:
    """One of the school's own pictures; no words: it is decoration."""

    address: str
    words: str


Inline: TypeAlias = Text | Break | Link | Picture


@dataclass(frozen=True)
class Heading:
    """A title, at level 2 or 3."""

    level: int
    content: tuple[Inline, ...]


@dataclass(frozen=True)
class Paragraph:
    """Lines of words."""

    content: tuple[Inline, ...]


@dataclass(frozen=True)
class Item:
    """An entry of a list, with the lists that it holds."""

    content: tuple[Inline, ...]
    lists: tuple[ItemList, ...] = ()


@dataclass(frozen=True)
class ItemList:
    """A list, numbered or not."""

    is_numbered: bool
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Quotation:
    """Paragraphs of somebody else's."""

    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells; the first row names the columns."""

    rows: tuple[tuple[tuple[Inline, ...], ...], ...]


Block: TypeAlias = Heading | Paragraph | ItemList | Quotation | Table
Document: TypeAlias = tuple[Block, ...]


def safe_href(address: str) -> str:
    """Return *address* as it may stand in a page, or nothing: the web, mail, telephone, ours."""
    address = _SPACES.sub("", address.strip())
    if not _SAFE_HREF.match(address):
        return ""
    try:
        return quote(address, safe=_HREF_SIGNS)
    except UnicodeEncodeError:
        return ""


def picture_address(address: str) -> str:
    """Return *address* when it is one of our own pictures."""
    return address if _PICTURE.fullmatch(address) else ""


def calm_words(words: str) -> str:
    """Return *words* with single spaces, and without the signs that show nothing."""
    return _SPACES.sub(" ", words.encode("utf-8", "replace").decode("utf-8"))


def normal(blocks: Iterable[Block]) -> Document:
    """Return the one normal form of a text: what two writings of the same text have in common."""
    found: list[Block] = []
    for block in blocks:
        for part in _normal_block(block):
            previous = found[-1] if found else None
            if (
                isinstance(part, ItemList)
                and isinstance(previous, ItemList)
                and part.is_numbered == previous.is_numbered
            ):
                found[-1] = ItemList(part.is_numbered, previous.items + part.items)
            else:
                found.append(part)
    return tuple(found)


def _normal_block(block: Block) -> Iterator[Block]:
    match block:
        case Heading(level, content):
            line = one_line(content)
            if line:
                yield Heading(2 if level <= 2 else 3, line)  # h2, h3
        case Paragraph(content):
            yield from _paragraphs(content)
        case ItemList():
            found = _normal_list(block, 1)
            if found.items:
                yield found
        case Quotation(paragraphs):
            kept = tuple(part for one in paragraphs for part in _paragraphs(one.content))
            if kept:
                yield Quotation(kept)
        case Table(rows):
            table = _normal_table(rows)
            if table.rows:
                yield table


def _paragraphs(content: Sequence[Inline]) -> Iterator[Paragraph]:
    """Two breaks in a row begin another paragraph."""
    lines: list[tuple[Inline, ...]] = []
    for line in _lines(content):
        if line:
            lines.append(line)
        elif lines:
            yield Paragraph(_joined(lines))
            lines = []
    if lines:
        yield Paragraph(_joined(lines))


def _normal_list(found: ItemList, depth: int) -> ItemList:
    items: list[Item] = []
    for item in found.items:
        content = _joined([line for line in _lines(item.content) if line])
        lists = tuple(
            inner for one in _merged(item.lists) if (inner := _normal_list(one, depth + 1)).items
        )
        if not content:  # nothing of its own: what it holds stands in its place
            items += [one for inner in lists for one in inner.items]
        elif depth >= MAX_DEPTH:
            items.append(Item(content))
            items += [Item(one.content) for inner in lists for one in inner.items]
        else:
            items.append(Item(content, lists))
    return ItemList(found.is_numbered, tuple(items))


def _merged(lists: Sequence[ItemList]) -> list[ItemList]:
    """Lists of one kind that follow each other are one list; an empty one stands between none."""
    merged: list[ItemList] = []
    for one in lists:
        if not one.items:
            continue
        if merged and merged[-1].is_numbered == one.is_numbered:
            merged[-1] = ItemList(one.is_numbered, merged[-1].items + one.items)
        else:
            merged.append(one)
    return merged


def _normal_table(rows: Sequence[Sequence[Sequence[Inline]]]) -> Table:
    lines = [tuple(one_line(cell) for cell in row) for row in rows]
    lines = [row for row in lines if any(row)]
    width = max((len(row) for row in lines), default=0)
    return Table(tuple(row + ((),) * (width - len(row)) for row in lines))


def one_line(content: Sequence[Inline]) -> tuple[Inline, ...]:
    """Return *content* without line breaks."""
    flat = [Text(" ") if isinstance(part, Break) else part for part in content]
    return _normal_line(flat)


def _lines(content: Sequence[Inline]) -> Iterator[tuple[Inline, ...]]:
    line: list[Inline] = []
    for part in content:
        if isinstance(part, Break):
            yield _normal_line(line)
            line = []
        else:
            line.append(part)
    yield _normal_line(line)


def _joined(lines: Sequence[Sequence[Inline]]) -> tuple[Inline, ...]:
    joined: list[Inline] = []
    for line in lines:
        if joined:
            joined.append(Break())
        joined += line
    return tuple(joined)


def _normal_line(content: Iterable[Inline]) -> tuple[Inline, ...]:
    """Join neighbouring words, drop what leads nowhere, and the spaces at both ends."""
    parts: list[Inline] = []
    for raw in content:
        part = _normal_inline(raw)
        if part is None:
            continue
        if isinstance(part, Text) and parts and isinstance(parts[-1], Text):
            parts[-1] = Text(_SPACES.sub(" ", parts[-1].words + part.words))
        else:
            parts.append(part)
    if parts and isinstance(parts[0], Text):
        parts[0] = Text(parts[0].words.lstrip())
    if parts and isinstance(parts[-1], Text):
        parts[-1] = Text(parts[-1].words.rstrip())
    return tuple(part for part in parts if not isinstance(part, Text) or part.words)


def _normal_inline(part: Inline) -> Inline | None:
    match part:
        case Text(words):
            return Text(calm_words(words)) if words else None
        case Link(href, words):
            kept, shown = safe_href(href), calm_words(words).strip()
            if not shown:
                return None
            return Link(kept, shown) if kept else Text(shown)
        case Picture(address, words):
            own = picture_address(address)
            return Picture(own, calm_words(words).strip()) if own else None
        case _:
            return None


def to_html(document: Document) -> str:
    """Return the HTML of a text in its normal form: one line per block."""
    return "\n".join(_block_html(block) for block in document)


def _block_html(block: Block) -> str:
    match block:
        case Heading(level, content):
            return f"<h{level}>{_inline_html(content)}</h{level}>"
        case Paragraph(content):
            return f"<p>{_inline_html(content)}</p>"
        case ItemList():
            return _list_html(block)
        case Quotation(paragraphs):
            inner = "".join(_block_html(one) for one in paragraphs)
            return f"<blockquote>{inner}</blockquote>"
        case Table(rows):
            head = "".join(f'<th scope="col">{_inline_html(cell)}</th>' for cell in rows[0])
            body = "".join(
                f"<tr>{''.join(f'<td>{_inline_html(cell)}</td>' for cell in row)}</tr>"
                for row in rows[1:]
            )
            body = f"<tbody>{body}</tbody>" if body else ""
            return f"<table><thead><tr>{head}</tr></thead>{body}</table>"


def _list_html(found: ItemList) -> str:
    name = "ol" if found.is_numbered else "ul"
    items = "".join(
        f"<li>{_inline_html(item.content)}{''.join(map(_list_html, item.lists))}</li>"
        for item in found.items
    )
    return f"<{name}>{items}</{name}>"


def _inline_html(content: Iterable[Inline]) -> str:
    parts: list[str] = []
    for part in content:
        match part:
            case Text(words):
                parts.append(escape(words))
            case Break():
                parts.append("<br>")
            case Link(href, words):
                parts.append(f'<a href="{escape(href)}">{escape(words)}</a>')
            case Picture(address, words):
                parts.append(f'<img src="{escape(address)}" alt="{escape(words)}">')
    return "".join(parts)
