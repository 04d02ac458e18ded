"""HTML of a text: cleaned by nh3, read into a document, its words alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

import nh3
from django.utils.html import strip_tags

from portal.writing.document import (
    Block,
    Break,
    Document,
    Heading,
    Inline,
    Item,
    ItemList,
    Link,
    Paragraph,
    Picture,
    Quotation,
    Table,
    Text,
    normal,
    picture_address,
    safe_href,
    to_html,
)
from portal.writing.markdown import read_markdown, write_markdown

TAGS: Final = frozenset(
    {"h2", "h3", "p", "br", "ul", "ol", "li", "a", "blockquote", "img"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)
_ATTRIBUTES: Final = {"a": {"href"}, "img": {"src", "alt"}, "th": {"scope"}}
_SCHEMES: Final = {"http", "https", "mailto", "tel"}
_SHORT: Final = 220
_BETWEEN_BLOCKS = re.compile(r"</(?:h2|h3|p|li|th|td|tr)>|<br>")
_FILES = re.compile(r'(?:src|href)="/site/fichiers/([0-9a-f-]{36})"')


def clean_html(html: str) -> str:
    """Return *html* with nothing but the elements and attributes of a text."""
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes={name: set(kept) for name, kept in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        attribute_filter=_kept_attribute,
        link_rel=None,
    )


def _kept_attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return picture_address(value) or None
    if tag == "a":
        return safe_href(value) or None
    if name == "scope":
        return "col" if value == "col" else None
    return value


def normal_html(html: str) -> str:
    """Return any HTML as a stored text is: its words stay, in the elements of the list."""
    return clean_html(to_html(read_html(html)))


def html_of(markdown: str) -> str:
    """Return what is stored of a text typed as Markdown."""
    return clean_html(to_html(read_markdown(markdown)))


def markdown_of(html: str) -> str:
    """Return a stored text as an editor types it."""
    return write_markdown(read_html(html))


def words_of(html: str) -> str:
    """Return the words of a stored text, without any element."""
    spaced = _BETWEEN_BLOCKS.sub(" ", html)
    plain = strip_tags(spaced)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'")):
        plain = plain.replace(entity, sign)
    return " ".join(plain.replace("&nbsp;", "\u00a0").replace("&amp;", "&").split(" ")).strip()


def beginning_of(html: str, *, limit: int = _SHORT) -> str:
    """Return the first words of a stored text as one line, cut between two words."""
    plain = re.sub(r" +", " ", words_of(html).replace("\n", " "))
    if len(plain) <= limit:
        return plain
    return plain[:limit].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def files_in(html: str) -> set[str]:
    """Return the UUIDs of the files that a stored text cites."""
    return set(_FILES.findall(html))


def read_html(html: str) -> Document:
    """Return the document of any HTML: what has no place in a text is dropped, its words stay."""
    tree = _Tree()
    tree.feed(clean_html(html))
    tree.close()
    return normal(_blocks(tree.root))


class _Node:
    """An element, with its attributes and what it holds."""

    def __init__(self, name: str, attributes: dict[str, str] | None = None) -> None:
        self.name = name
        self.attributes = attributes or {}
        self.children: list[_Node | str] = []


class _Tree(HTMLParser):
    """Reads what nh3 wrote, which is balanced."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        node = _Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in {"br", "img"}:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element."""
        if len(self._open) > 1 and self._open[-1].name == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Keep words."""
        self._open[-1].children.append(data)


_INLINE: Final = frozenset({"a", "img", "br"})


def _blocks(node: _Node) -> Iterator[Block]:
    """The blocks of a node; words that stand in none are a paragraph."""
    loose: list[Inline] = []
    for child in node.children:
        if isinstance(child, str) or child.name in _INLINE:
            loose += _inline(child)
            continue
        if loose:
            yield Paragraph(tuple(loose))
            loose = []
        yield from _block(child)
    if loose:
        yield Paragraph(tuple(loose))


def _block(node: _Node) -> Iterator[Block]:
    match node.name:
        case "h2" | "h3":
            yield Heading(int(node.name[1]), tuple(_all_inline(node)))
        case "ul" | "ol":
            yield _list(node)
        case "blockquote":
            parts = [part for block in _blocks(node) for part in _paragraphs_in(block)]
            yield Quotation(tuple(parts))
        case "table":
            yield Table(tuple(_rows(node)))
        case "p":
            yield Paragraph(tuple(_all_inline(node)))
        case _:
            yield from _blocks(node)


def _paragraphs_in(block: Block) -> Iterator[Paragraph]:
    match block:
        case Paragraph():
            yield block
        case Heading(_, content):
            yield Paragraph(content)
        case ItemList(_, items):
            for item in items:
                yield Paragraph(item.content)
                for inner in item.lists:
                    yield from _paragraphs_in(inner)
        case Quotation(paragraphs):
            yield from paragraphs
        case Table(rows):
            for row in rows:
                yield Paragraph(tuple(part for cell in row for part in (*cell, Text(" "))))


def _list(node: _Node) -> ItemList:
    items: list[Item] = []
    for child in node.children:
        if isinstance(child, str):
            items.append(Item((Text(child),)))
        elif child.name == "li":
            items.append(_item(child))
        else:
            items.append(Item((), tuple(_lists_within(child))))
    return ItemList(node.name == "ol", tuple(items))


def _item(node: _Node) -> Item:
    content: list[Inline] = []
    lists: list[ItemList] = []
    for block in _blocks(node):
        if isinstance(block, ItemList):
            lists.append(block)
            continue
        for paragraph in _paragraphs_in(block):
            content += [Break(), *paragraph.content] if content else paragraph.content
    return Item(tuple(content), tuple(lists))


def _lists_within(node: _Node) -> Iterator[ItemList]:
    for block in _block(node):
        yield (
            block
            if isinstance(block, ItemList)
            else ItemList(
                is_numbered=False,
                items=tuple(Item(one.content) for one in _paragraphs_in(block)),
            )
        )


def _rows(node: _Node) -> Iterator[tuple[tuple[Inline, ...], ...]]:
    for child in node.children:
        if isinstance(child, str):
            continue
        if child.name == "tr":
            cells = [one for one in child.children if isinstance(one, _Node)]
            yield tuple(tuple(_all_inline(cell)) for cell in cells)
        else:
            yield from _rows(child)


def _all_inline(node: _Node) -> Iterator[Inline]:
    """Everything inline within a node, whatever blocks stand in between."""
    for child in node.children:
        if isinstance(child, str) or child.name in _INLINE:
            yield from _inline(child)
        else:
            yield Text(" ")
            yield from _all_inline(child)
            yield Text(" ")


def _inline(child: _Node | str) -> Iterator[Inline]:
    if isinstance(child, str):
        yield Text(child)
    elif child.name == "br":
        yield Break()
    elif child.name == "img":
        yield Picture(child.attributes.get("src", ""), child.attributes.get("alt", ""))
    else:
        yield Link(child.attributes.get("href", ""), _words(child))
        for inner in child.children:
            if isinstance(inner, _Node) and inner.name == "img":
                yield from _inline(inner)


def _words(node: _Node) -> str:
    return "".join(
        child if isinstance(child, str) else " " if child.name == "br" else _words(child)
        for child in node.children
    )
