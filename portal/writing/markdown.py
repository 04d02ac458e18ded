"""Markdown, as schools type it: read into a document, and written back from one.

Of Markdown only what a document holds is read: raw HTML, code and emphasis are words like others. A
line break of the text is one of the page. Bare addresses become links.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

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
)

_BARE = re.compile(
    r"(?P<address>https?://[^\s<>\"'\[\]\\|]*[^\s<>\"'\[\]\\|.,;:!?)»])"
    r"|(?P<mail>(?<![\w.+-])[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)",
    re.ASCII,
)
_ENTITY = re.compile(r"&(?=#|\w+;)")
_NUMBER_START = re.compile(r"(\d+)([.)])(?=\s|$)")
_MAX_NESTING: Final = 60

# The reader tells each of its rules to the log, at a level that nobody reads.
logging.getLogger("markdown_it").setLevel(logging.INFO)


def _reader() -> MarkdownIt:
    reader = MarkdownIt("zero", {"breaks": True, "maxNesting": _MAX_NESTING})
    reader.enable(["heading", "list", "blockquote", "table", "newline", "escape", "link", "image"])
    # A sign that was escaped stays apart, so that it can break what would be a bare address.
    reader.disable("text_join")
    # Addresses are judged by the document, which keeps what it knows and drops the rest.
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return reader


_READER: Final = _reader()


def read_markdown(text: str) -> Document:
    """Return the document that *text* describes, in its normal form."""
    clean = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    clean = clean.encode("utf-8", "replace").decode("utf-8")
    return normal(_blocks(SyntaxTreeNode(_READER.parse(clean)).children))


def _blocks(nodes: Iterable[SyntaxTreeNode]) -> Iterator[Block]:
    for node in nodes:
        match node.type:
            case "heading":
                yield Heading(int(node.tag[1:]), _inlines(node))
            case "paragraph":
                yield Paragraph(_inlines(node))
            case "bullet_list" | "ordered_list":
                yield _list(node)
            case "blockquote":
                yield Quotation(tuple(Paragraph(line) for line in _lines_within(node)))
            case "table":
                rows = [row for part in node.children for row in part.children]
                yield Table(tuple(tuple(_inlines(cell) for cell in row.children) for row in rows))


def _list(node: SyntaxTreeNode) -> ItemList:
    items = []
    for entry in node.children:
        content: list[Inline] = []
        lists: list[ItemList] = []
        for child in entry.children:
            if child.type in {"bullet_list", "ordered_list"}:
                lists.append(_list(child))
                continue
            for line in _lines_within(child):
                content += [Break(), *line] if content else line
        items.append(Item(tuple(content), tuple(lists)))
    return ItemList(node.type == "ordered_list", tuple(items))


def _lines_within(node: SyntaxTreeNode) -> Iterator[tuple[Inline, ...]]:
    """The words of *node*, one group for each block in it that holds words."""
    if any(child.type == "inline" for child in node.children):
        yield _inlines(node)
        return
    for child in node.children:
        yield from _lines_within(child)


def _inlines(node: SyntaxTreeNode) -> tuple[Inline, ...]:
    found: list[Inline] = []
    for child in node.children:
        if child.type == "inline" and child.token is not None:
            found += _read_inline(child.token.children or [])
    return tuple(found)


def _read_inline(tokens: Sequence[Token]) -> Iterator[Inline]:
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        match token.type:
            case "text":
                yield from _with_links(token.content)
            case "softbreak" | "hardbreak":
                yield Break()
            case "image":
                yield Picture(str(token.attrs["src"]), _plain(token.children or []))
            case "link_open":
                inside: list[Token] = []
                while at < len(tokens) and tokens[at].type != "link_close":
                    inside.append(tokens[at])
                    at += 1
                at += 1
                yield Link(str(token.attrs["href"]), _plain(inside))
            case _:
                yield Text(token.content)


def _plain(tokens: Sequence[Token]) -> str:
    return "".join(
        _plain(token.children or [])
        if token.type == "image"
        else " "
        if token.type in {"softbreak", "hardbreak"}
        else token.content
        for token in tokens
    )


def _with_links(words: str) -> Iterator[Inline]:
    at = 0
    for match in _BARE.finditer(words):
        yield Text(words[at : match.start()])
        shown = match[0]
        yield Link(shown if match["address"] else f"mailto:{shown}", shown)
        at = match.end()
    yield Text(words[at:])


def write_markdown(document: Document) -> str:
    """Return Markdown that reads back as *document*."""
    return "\n\n".join(_block(block) for block in document)


def _block(block: Block) -> str:
    match block:
        case Heading(level, content):
            return f"{'#' * level} {_line(content)}"
        case Paragraph(content):
            return _line(content)
        case ItemList():
            return _list_lines(block)
        case Quotation(paragraphs):
            inner = "\n\n".join(_line(one.content) for one in paragraphs)
            return "\n".join(f"> {line}" if line else ">" for line in inner.split("\n"))
        case Table(rows):
            lines = [_row(row) for row in rows]
            lines.insert(1, _row(((Text("---"),),) * len(rows[0]), is_rule=True))
            return "\n".join(lines)


def _list_lines(found: ItemList) -> str:
    lines: list[str] = []
    for number, item in enumerate(found.items, 1):
        mark = f"{number}. " if found.is_numbered else "- "
        inner = "\n".join([_line(item.content), *map(_list_lines, item.lists)])
        first, *rest = inner.split("\n")
        lines.append(f"{mark}{first}")
        lines += [f"{' ' * len(mark)}{line}" for line in rest]
    return "\n".join(lines)


def _row(cells: Sequence[Sequence[Inline]], *, is_rule: bool = False) -> str:
    shown = ["---" if is_rule else _line(cell) for cell in cells]
    return f"| {' | '.join(shown)} |"


def _line(content: Sequence[Inline]) -> str:
    written: list[str] = []
    for at, part in enumerate(content):
        after = content[at + 1] if at + 1 < len(content) else None
        before = content[at - 1] if at else None
        match part:
            case Text(words):
                starts = not isinstance(before, (Text, Link, Picture))
                shown = _escaped(words)
                shown = _start_escaped(shown) if starts else shown
                if isinstance(after, Link) and shown.endswith("!"):
                    shown = f"{shown[:-1]}\\!"
                written.append(shown)
            case Break():
                written.append("\n")
            case Link(href, words):
                if _is_bare(part, before, after):
                    written.append(words)
                else:
                    written.append(f"[{_escaped(words, in_link=True)}]({_destination(href)})")
            case Picture(address, words):
                written.append(f"![{_escaped(words, in_link=True)}]({address})")
    return "".join(written)


def _is_bare(link: Link, before: Inline | None, after: Inline | None) -> bool:
    """Would the address alone, as words, become this very link?"""
    match = _BARE.fullmatch(link.words)
    if match is None:
        return False
    if link.href != (link.words if match["address"] else f"mailto:{link.words}"):
        return False
    starts = before is None or isinstance(before, Break) or _edge(before, -1)
    ends = after is None or isinstance(after, Break) or _edge(after, 0)
    return starts and ends


def _edge(part: Inline, at: int) -> bool:
    return isinstance(part, Text) and part.words[at] == " "


def _escaped(words: str, *, in_link: bool = False) -> str:
    shown = re.sub(r"[\\\[\]|]", r"\\\g<0>", words)
    if in_link:
        return shown
    shown = re.sub(r"(?<=https):(?=//)|(?<=http):(?=//)", r"\\:", shown)
    return shown.replace("@", "\\@") if _BARE.search(words) else shown


def _start_escaped(shown: str) -> str:
    """Escape what would begin a title, a list, a quotation or a table at the start of a line."""
    if shown[:1] in {"#", ">", "-", "+", "*", ":"}:
        return f"\\{shown}"
    return _NUMBER_START.sub(r"\1\\\2", shown, count=1) if shown[:1].isdigit() else shown


def _destination(href: str) -> str:
    return _ENTITY.sub(r"\\&", href)
