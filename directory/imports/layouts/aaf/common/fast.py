"""The fast reader: one strict regular expression per *shape* of object.

Exports write every object of a category with the same attributes in the same order. The first
object of a shape is read by the real parser; from it we learn a regular expression that spells the
whole object (start tag to end tag, every byte between them) and captures the attributes that we
keep. An object that matches it *is* well-formed and means what the groups say; one that does not
(comment, CDATA, other quotes, other white space, other order) goes to the real parser.

Why this accepts nothing that a real parser would refuse:

* text is ``[^<&\\x00-\\x1f]`` plus the five predefined entities and character references, the
  latter checked against XML's ``Char`` when they are decoded; ``]]>`` and U+FFFE/U+FFFF send the
  object to the real parser;
* bytes are decoded strictly in the declared encoding before matching;
* a value with a space at an end goes to the real parser, which strips it: the same bytes mean the
  same wherever they stand;
* only single characters are repeated possessively, never groups: Python before 3.11.5 leaves such
  a repeat in the middle of its last round (cpython#106052);
* the file is prolog + objects + white space + ``</ficAlimMENESR>``; each piece being well-formed by
  itself, so is their concatenation (by induction over the objects; see ``reader.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from directory.imports.layouts.aaf.common.attributes import Attributes
from directory.imports.layouts.aaf.common.objects import SEPARATOR, AafObject

MAX_SHAPES = 32
_ENTITY = r"&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});"
_WS = r"[ \t\r\n]*+"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_ENTITY_RE = re.compile(_ENTITY)
_NAMED = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
# Spaces that `clean` would strip at the ends of a value, and that nobody types.
_SPACES = r"\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_UNUSUAL = re.compile(rf"[\x00-\x1f\x7f-\x9f\\<\ufffd-\uffff{_SPACES}]")
# Characters that ISO-8859-15 has elsewhere than ISO-8859-1: an object without them may be decoded
# as Latin-1, ten times faster.
_MOVED_IN_LATIN_9 = "\u00a4\u00a6\u00a8\u00b4\u00b8\u00bc\u00bd\u00be"


class NotStrict(Exception):
    """The object is not of the strict shape: the real parser decides."""


def _unescape_one(match: re.Match[str]) -> str:
    entity = match.group()
    named = _NAMED.get(entity)
    if named is not None:
        return named
    code = int(entity[3:-1], 16) if entity[2] == "x" else int(entity[2:-1])
    if not (0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF):
        raise NotStrict
    return chr(code)


def _unescape(value: str) -> str:
    text = _ENTITY_RE.sub(_unescape_one, value)
    if _UNUSUAL.search(text) or "Ã" in text or "Â" in text or text != text.strip():
        raise NotStrict
    return text


Match = Callable[[str], re.Match[str] | None]


@dataclass(slots=True)
class Shape:
    """One learned shape: its two expressions and the names of what they capture.

    A file is of one encoding and needs one of the two; making one takes milliseconds.
    """

    of_latin: str
    of_any: str
    names: tuple[str, ...]
    limits: tuple[int, ...]
    operation: str
    unknown: tuple[str, ...]
    made: dict[bool, Match] = field(default_factory=dict)

    def match(self, text: str, *, latin_9: bool) -> re.Match[str] | None:
        """Match the whole text of an object."""
        match = self.made.get(latin_9)
        if match is None:
            match = re.compile(self.of_latin if latin_9 else self.of_any).fullmatch
            self.made[latin_9] = match
        return match(text)


def _expression(
    attributes: Attributes, operation: str, names: tuple[str, ...], excluded: str
) -> str:
    char = rf"[^<&\\\x00-\x1f\x7f-\x9f\ufffd-\uffff{_SPACES}{excluded}]"
    tag, name_end = ("attr", "") if operation == "add" else ("modification", ' operation="replace"')
    wrapper = "attributes" if operation == "add" else "modifications"
    kind, value = attributes.operational
    head = (
        rf"<{operation}Request>{_WS}<operationalAttributes>{_WS}"
        rf'<attr name="{kind}"><value>{value}</value></attr>{_WS}</operationalAttributes>{_WS}'
        rf"<identifier>{_WS}<id>([0-9A-Za-z_.-]{{1,40}}+)</id>{_WS}</identifier>{_WS}<{wrapper}>{_WS}"
    )
    parts = [head]
    for name in names:
        if name in attributes.single:
            limit = attributes.single[name]
            body = rf"({char}{{0,{limit}}}+(?:{_ENTITY}{char}{{0,{limit}}}+){{0,40}})"
        elif name in attributes.multiple:
            body = rf"({char}*+(?:(?:{_ENTITY}|{SEPARATOR}){char}*+)*)"
        else:
            body = rf"{char}*+(?:(?:{_ENTITY}|{SEPARATOR}){char}*+)*"
        parts.append(
            rf'<{tag} name="{name}"{name_end}>(?:<value>{body}</value>|<value/>)</{tag}>{_WS}'
        )
    parts.append(rf"</{wrapper}>{_WS}")
    return "".join(parts)


def learn(attributes: Attributes, operation: str, names: tuple[str, ...]) -> Shape | None:
    """Make the expression of a shape, or ``None`` when it cannot be one (repeated or odd names)."""
    if operation == "delete" or len(set(names)) != len(names):
        return None
    if not names or not all(_NAME.match(name) for name in names):
        return None
    kept = tuple(name for name in names if attributes.is_kept(name))
    return Shape(
        of_latin=_expression(attributes, operation, names, _MOVED_IN_LATIN_9),
        of_any=_expression(attributes, operation, names, ""),
        names=kept,
        limits=tuple(attributes.single.get(name, 0) for name in kept),
        operation=operation,
        unknown=tuple(name for name in names if not attributes.is_known(name)),
    )


@dataclass(slots=True)
class FastReader:
    """The shapes learned so far for one category; keeps the last one that served in front."""

    attributes: Attributes
    shapes: list[Shape] = field(default_factory=list)
    known: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)

    def learn(self, operation: str, names: tuple[str, ...]) -> None:
        """Remember the shape of an object that the real parser has just read."""
        if len(self.shapes) >= MAX_SHAPES or (operation, names) in self.known:
            return
        self.known.add((operation, names))
        shape = learn(self.attributes, operation, names)
        if shape is not None:
            self.shapes.insert(0, shape)

    def read(self, text: str, operation: str, *, latin_9: bool = False) -> AafObject | None:
        """Read one object (without its end tag) or say ``None``: the real parser decides."""
        if "]]>" in text or "<value> " in text or " </value>" in text:
            return None
        for index, shape in enumerate(self.shapes):
            if shape.operation != operation:
                continue
            match = shape.match(text, latin_9=latin_9)
            if match is None:
                continue
            if index:
                del self.shapes[index]
                self.shapes.insert(0, shape)
            external_id, *values = match.groups("")
            if "&" in text:
                try:
                    for position, value in enumerate(values):
                        if "&" in value:
                            values[position] = self._decoded(value, shape.limits[position])
                except NotStrict:
                    return None
            return AafObject(
                operation=operation,
                operational=self.attributes.operational,
                external_id=external_id,
                attributes=dict(zip(shape.names, values, strict=True)),
                is_plain=True,
                unknown=shape.unknown,
            )
        return None

    @staticmethod
    def _decoded(value: str, limit: int) -> str:
        if not limit and SEPARATOR in value:
            return SEPARATOR.join(_unescape(part) for part in value.split(SEPARATOR))
        text = _unescape(value)
        if limit and len(text) > limit:
            raise NotStrict
        return text
