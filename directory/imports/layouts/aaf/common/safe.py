"""The safe reader: expat with every limit set. It decides what the fast reader does not match.

Two uses: one object alone (:func:`parse_object`), and a whole file in a stream
(:func:`read_whole`) when cutting at end tags is not proven right, or to name the exact line of a
fault. expat alone would accept 200,000 levels and a gigabyte of text: the handlers below stop it.
The DOCTYPE line has been blanked before (``prolog.py``), so *any* entity but the five predefined
ones is an error for expat, in text and in attribute values alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.parsers import expat

from directory.imports.layouts.aaf.common.attributes import Attributes
from directory.imports.layouts.aaf.common.objects import (
    MAX_ATTRIBUTES,
    MAX_DEPTH,
    MAX_RECORD_BYTES,
    MAX_VALUE_CHARS,
    MAX_VALUES,
    OPERATIONS,
    SEPARATOR,
    AafObject,
    clean,
)
from directory.imports.layouts.aaf.common.prolog import Prolog
from directory.imports.layouts.errors import (
    REJECTED,
    WARNING,
    DeliveryRefused,
    ObjectAnomaly,
)

FEED_BYTES = 64 * 1024
_REQUESTS = {f"{operation}Request": operation for operation in OPERATIONS}
_ID = re.compile(r"[0-9A-Za-z_.-]{1,40}\Z")
_PATHS = {
    "operationalAttributes": ("attr",),
    "identifier": ("id",),
    "attributes": ("attr",),
    "modifications": ("modification",),
    "attr": ("value",),
    "modification": ("value",),
}


class _Limit(Exception):
    """A limit was passed or the tree is not an AAF tree; the message is for the user."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class _Builder:
    """expat handlers that build one object at a time and never hold more than one."""

    def __init__(self, attributes: Attributes, *, with_root: bool) -> None:
        self.attributes = attributes
        self.base_depth = 1 if with_root else 0
        self.parser: Any = None
        self.stack: list[str] = []
        self.finished: list[tuple[int, int, AafObject, tuple[str, ...]]] = []
        self._reset()

    def _reset(self) -> None:
        self.operation = ""
        self.operational: tuple[str, str] = ("", "")
        self.external_id = ""
        self.names: list[str] = []
        self.values: dict[str, list[str]] = {}
        self.name = ""
        self.text: list[str] = []
        self.text_chars = 0
        self.value_count = 0
        self.fault = ""
        self.start_index = 0
        self.in_operational = False

    def attach(self, parser: Any) -> None:
        self.parser = parser
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.data
        parser.StartDoctypeDeclHandler = self.doctype
        parser.EntityDeclHandler = self.doctype
        parser.buffer_text = False

    def doctype(self, *_: Any) -> None:
        raise _Limit("entity_declaration", "déclaration DOCTYPE ou d’entité à un endroit interdit.")

    def start(self, name: str, attrs: dict[str, str]) -> None:
        depth = len(self.stack)
        if depth >= MAX_DEPTH:
            raise _Limit("too_deep", f"plus de {MAX_DEPTH} niveaux d’éléments.")
        self.stack.append(name)
        level = depth - self.base_depth
        if level < 0:
            if name != "ficAlimMENESR":
                raise _Limit("not_aaf", f"la racine est <{name[:60]}> et non <ficAlimMENESR>.")
            return
        if level == 0:
            self._reset()
            self.start_index = self.parser.CurrentByteIndex
            self.operation = _REQUESTS.get(name, "")
            if not self.operation:
                self.fault = f"élément <{name[:60]}> inconnu"
            return
        if level == 1:
            self.in_operational = name == "operationalAttributes"
            if name not in ("operationalAttributes", "identifier", "attributes", "modifications"):
                self.fault = self.fault or f"élément <{name[:60]}> inconnu dans l’objet"
            return
        if name not in _PATHS.get(self.stack[-2], ()):
            self.fault = self.fault or f"élément <{name[:60]}> inconnu dans l’objet"
        if level == 2:
            self.name = ""  # a value belongs to the element that it stands in, or to none
            if name in ("attr", "modification"):
                self._start_attribute(name, attrs)
        if name in ("value", "id"):
            self.text = []
            self.text_chars = 0

    def _start_attribute(self, name: str, attrs: dict[str, str]) -> None:
        self.name = attrs.get("name", "")
        if not self.name:
            self.fault = self.fault or f"élément <{name}> sans nom"
        elif self.in_operational:
            self.operational = (self.name, "")
        else:
            if len(self.names) >= MAX_ATTRIBUTES:
                raise _Limit("too_big", f"plus de {MAX_ATTRIBUTES} attributs dans un objet.")
            self.names.append(self.name)
            self.values.setdefault(self.name, [])

    def data(self, text: str) -> None:
        self.text_chars += len(text)
        if self.text_chars > MAX_VALUE_CHARS:
            raise _Limit("too_big", f"une valeur de plus de {MAX_VALUE_CHARS // 1024} kio.")
        if self.stack and self.stack[-1] in ("value", "id"):
            self.text.append(text)
        elif not text.isspace():
            self.fault = self.fault or "texte hors d’une valeur"
        else:
            self.text_chars = 0

    def end(self, name: str) -> None:
        self.stack.pop()
        level = len(self.stack) - self.base_depth
        if name == "id" and level == 2:
            self.external_id = "".join(self.text).strip()
        elif name == "value" and level == 3:
            self._end_value("".join(self.text))
        elif level == 0:
            end_index = self.parser.CurrentByteIndex
            self.finished.append((self.start_index, end_index, self._object(), tuple(self.names)))
            self._reset()

    def _end_value(self, text: str) -> None:
        self.value_count += 1
        if self.value_count > MAX_VALUES:
            raise _Limit("too_big", f"plus de {MAX_VALUES} valeurs dans un objet.")
        if self.in_operational:
            self.operational = (self.operational[0], text.strip())
        elif self.name:
            self.values[self.name].append(text)

    def _object(self) -> AafObject:
        made = AafObject(
            operation=self.operation,
            operational=self.operational,
            external_id=self.external_id[:40],
            attributes={},
            is_plain=False,
        )
        if self.fault:
            made.problem = ObjectAnomaly(
                REJECTED, "bad_structure", f"Objet illisible : {self.fault}."
            )
            return made
        if not _ID.match(self.external_id):
            made.problem = ObjectAnomaly(
                REJECTED, "bad_id", "Objet sans identifiant utilisable (balise <id>)."
            )
            return made
        if self.operational != self.attributes.operational:
            kind, value = self.operational
            is_kind = kind == self.attributes.operational[0]
            shown = (value if is_kind else f"{kind} : {value}")[:60] or "absente"
            made.problem = ObjectAnomaly(
                REJECTED,
                "other_category",
                f"Objet d’une autre catégorie ({shown}) que celle du fichier "
                f"({self.attributes.category}).",
            )
            return made
        self._keep_values(made)
        return made

    def _keep_values(self, made: AafObject) -> None:
        single, multiple = self.attributes.single, self.attributes.multiple
        for name, raw in self.values.items():
            cleaned = [clean(value.replace("</value>", "")) for value in raw]
            if name in multiple:
                made.attributes[name] = SEPARATOR.join(cleaned)
            elif name in single:
                filled = [value for value in cleaned if value]
                if len(filled) > 1 and len(set(filled)) > 1:
                    made.anomalies.append(
                        ObjectAnomaly(
                            WARNING,
                            "several_values",
                            f"Plusieurs valeurs pour {name} : la première est retenue.",
                        )
                    )
                value = filled[0] if filled else ""
                if len(value) > single[name]:
                    made.anomalies.append(
                        ObjectAnomaly(
                            WARNING,
                            "value_too_long",
                            f"Valeur de {name} trop longue ({len(value)} caractères) : "
                            f"coupée à {single[name]}.",
                        )
                    )
                    value = value[: single[name]].rstrip()
                made.attributes[name] = value
        made.unknown = tuple(name for name in self.values if not self.attributes.is_known(name))


def parse_object(
    text: str, *, operation: str, attributes: Attributes
) -> tuple[AafObject, tuple[str, ...]]:
    """Parse one object alone (*text* lacks only its end tag).

    Raises :class:`expat.ExpatError` when it is not one well-formed element, with nothing but
    comments, processing instructions and white space around it, and :class:`DeliveryRefused`
    when a limit is passed.
    """
    builder = _Builder(attributes, with_root=False)
    parser = expat.ParserCreate(encoding="utf-8")
    builder.attach(parser)
    try:
        parser.Parse(f"{text}</{operation}Request>".encode(), True)
    except _Limit as limit:
        raise DeliveryRefused(limit.code, limit.message) from None
    ((_, _, made, names),) = builder.finished
    return made, names


def read_whole(
    stream: BinaryIO, prolog: Prolog, *, file: str, attributes: Attributes
) -> Iterator[tuple[int, int, AafObject, tuple[str, ...]]]:
    """Stream a whole file through expat: ``(offset, end, object, attribute names)``.

    The file is refused (:class:`DeliveryRefused`) with the exact line when it is not well-formed
    or passes a limit. Memory is one object and one block.
    """
    builder = _Builder(attributes, with_root=True)
    parser = expat.ParserCreate(
        encoding={"latin-1": "iso-8859-1"}.get(prolog.encoding, prolog.encoding)
    )
    builder.attach(parser)
    stream.seek(0)
    fed = 0
    since_object = 0
    try:
        while block := stream.read(FEED_BYTES):
            if not fed:
                start, end = prolog.doctype
                blanked = bytes(c if c in b"\r\n" else 32 for c in block[start:end])
                block = block[:start] + blanked + block[end:]
            fed += len(block)
            parser.Parse(block, False)
            if builder.finished:
                yield from builder.finished
                builder.finished.clear()
                since_object = fed
            # Both counts are bytes: without an object for too long, or inside one token.
            if fed - since_object > 4 * MAX_RECORD_BYTES or (
                fed - max(parser.CurrentByteIndex, 0) > MAX_RECORD_BYTES
            ):
                raise _too_big()
        parser.Parse(b"", True)
        yield from builder.finished
    except _Limit as limit:
        raise DeliveryRefused(
            limit.code, limit.message, file=file, line=parser.CurrentLineNumber
        ) from None
    except expat.ExpatError as error:
        raise _refusal(error, file=file, encoding=prolog.encoding) from None


def _too_big() -> _Limit:
    return _Limit(
        "too_big", f"un objet ou un élément de plus de {MAX_RECORD_BYTES // 1024 // 1024} Mio."
    )


def _refusal(error: expat.ExpatError, *, file: str, encoding: str) -> DeliveryRefused:
    reason = expat.errors.messages.get(error.code, "")
    line = error.lineno
    if error.code == expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]:
        return DeliveryRefused(
            "undeclared_entity",
            "le fichier emploie une entité qui n’existe pas en XML ; l’ignorer ferait perdre des "
            "lettres dans les noms. Demandez un nouvel export.",
            file=file,
            line=line,
        )
    if reason in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    ):
        return DeliveryRefused(
            "truncated",
            "le fichier est tronqué : il s’arrête au milieu d’un objet.",
            file=file,
            line=line,
        )
    if reason == expat.errors.XML_ERROR_PARTIAL_CHAR or (
        reason == expat.errors.XML_ERROR_INVALID_TOKEN and encoding == "utf-8"
    ):
        return DeliveryRefused(
            "not_xml",
            "le contenu n’est pas du XML correct, ou n’est pas dans l’encodage déclaré (UTF-8).",
            file=file,
            line=line,
        )
    return DeliveryRefused("not_xml", f"le XML est incorrect ({reason}).", file=file, line=line)
