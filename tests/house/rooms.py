"""Which room a name in a string belongs to: an address, a template, a model, a task, a lookup.

Imports are read by import-linter and `scripts.walls`; this module reads what no import shows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from django.apps import apps
from django.db.models import Model

from scripts.unused import strings_with_lines
from scripts.walls import LEVELS, ROOT
from tests.security.addresses import all_addresses

#: Folders of templates/ that carry no room's name are the kernel's.
KERNEL: Final = "ent"
#: These files of the kernel put the rooms together, and name all of them.
PROJECT_FILES: Final = ("ent/settings/", "ent/urls.py")
#: Calls of the ORM whose keywords are lookups, and those whose strings are.
BY_KEYWORD: Final = ("filter", "exclude", "get", "Q")
BY_STRING: Final = (
    *("values", "values_list", "order_by", "select_related", "prefetch_related", "distinct"),
    *("only", "defer", "F", "OuterRef", "Prefetch", "Count", "Max", "Min", "Sum"),
)

_TAG: Final = re.compile(r"\{%\s*(url|include|extends|load)\s+(.*?)%\}", re.DOTALL)
_QUOTED: Final = re.compile(r"[\"']([^\"']+)[\"']")
_ADDRESS: Final = re.compile(r"^(\w+):[\w-]+$")
_TEMPLATE: Final = re.compile(r"^(\w+)/[\w./-]+\.(?:html|txt)$")
_DOTTED: Final = re.compile(r"^(\w+)(?:\.\w+)+$")


@dataclass(frozen=True, slots=True)
class Named:
    """A name in a file, and the room it belongs to."""

    line: int
    name: str
    room: str


@dataclass(frozen=True)
class Names:
    """What each kind of name says of its room."""

    namespaces: Mapping[str, str]
    labels: Mapping[str, str]
    tag_libraries: Mapping[str, str]
    tables: Mapping[str, str]
    #: Every address that the resolver knows.
    addresses: frozenset[str] = frozenset()
    #: Of a room, the lookups from one of its models to a model of a higher room.
    reverse_lookups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @cached_property
    def table_pattern(self) -> re.Pattern[str]:
        """The names of all tables, longest first."""
        return re.compile(
            rf"\b({'|'.join(sorted(map(re.escape, self.tables), key=len, reverse=True))})\b"
        )

    def in_template(self, text: str) -> Iterator[Named]:
        """Return what a template names: addresses, templates, libraries of tags."""
        for match in _TAG.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            if match[1] == "load":
                words = [word for word in match[2].split() if word in self.tag_libraries]
                yield from (Named(line, word, self.tag_libraries[word]) for word in words)
            elif (quoted := _QUOTED.match(match[2].strip())) and (
                room := self._of_string(quoted[1])
            ):
                yield Named(line, quoted[1], room)

    def in_python(self, text: str, room: str) -> Iterator[Named]:
        """Return what the strings of a module of that room name, and its lookups."""
        tree = ast.parse(text)
        for line, string in strings_with_lines(tree):
            other = self._of_string(string)
            if other and not self._is_no_address(string):
                yield Named(line, string, other)
            yield from self.in_sql(string, line)
        for line, lookup in lookups_of(tree):
            for part in lookup.lstrip("-").split("__"):
                if part in self.reverse_lookups.get(room, {}):
                    yield Named(line, lookup, self.reverse_lookups[room][part])
        yield from self._pairs(tree)

    def in_sql(self, text: str, first_line: int = 1) -> Iterator[Named]:
        """Return the tables that a statement names."""
        for match in self.table_pattern.finditer(text):
            line = first_line + text.count("\n", 0, match.start())
            yield Named(line, match[1], self.tables[match[1]])

    def _of_string(self, text: str) -> str | None:
        if address := _ADDRESS.match(text):
            return self.namespaces.get(address[1])
        if template := _TEMPLATE.match(text):
            return room_of_template(template[1])
        if dotted := _DOTTED.match(text):
            # A label of an application is also how models and tasks are named: `jobs.Job`.
            return self.labels.get(dotted[1]) or (dotted[1] if dotted[1] in LEVELS else None)
        return None

    @cached_property
    def known_namespaces(self) -> set[str]:
        """The namespaces of which every address is known."""
        return {address.partition(":")[0] for address in self.addresses}

    def _is_no_address(self, text: str) -> bool:
        """Is it « word:word » of the journal, say, in a namespace whose addresses are known?"""
        namespace, colon, _ = text.partition(":")
        return bool(colon) and namespace in self.known_namespaces and text not in self.addresses

    def _pairs(self, tree: ast.Module) -> Iterator[Named]:
        """Return what two strings name: `get_model("jobs", "Job")`, `("jobs", "0001_initial")`."""
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call | ast.Tuple):
                continue
            parts = node.args if isinstance(node, ast.Call) else node.elts
            match [part.value for part in parts if isinstance(part, ast.Constant)]:
                case [str(label), str(name)] if label in self.labels:
                    is_model = isinstance(node, ast.Call) and _called(node) == "get_model"
                    if is_model or re.match(r"\d{4}_|__first__", name):
                        yield Named(node.lineno, f"{label}.{name}", self.labels[label])


def room_of_template(folder: str) -> str:
    """Return the room of a folder of templates/: its own name, or the kernel."""
    return folder if folder in LEVELS else KERNEL


def lookups_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Return the keywords and strings given to calls of the ORM, and attributes of any object."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        if not isinstance(node, ast.Call):
            continue
        called = _called(node)
        if called in BY_KEYWORD:
            yield from ((key.value.lineno, key.arg) for key in node.keywords if key.arg)
        if called in BY_STRING:
            constants = (part for part in node.args if isinstance(part, ast.Constant))
            yield from (
                (part.lineno, part.value) for part in constants if isinstance(part.value, str)
            )


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def read_project() -> Names:
    """Return the names of this project: from its files, and from Django's registry of models."""
    labels = {config.label: config.name.split(".")[0] for config in apps.get_app_configs()}
    labels = {label: room for label, room in labels.items() if room in LEVELS}
    ours = [model for model in apps.get_models() if model._meta.app_label in labels]
    return Names(
        namespaces=_namespaces(),
        labels=labels,
        tag_libraries={
            path.stem: path.relative_to(ROOT).parts[0]
            for room in LEVELS
            for path in (ROOT / room).rglob("templatetags/*.py")
        },
        tables={model._meta.db_table: labels[model._meta.app_label] for model in ours},
        addresses=frozenset(address.name for address in all_addresses()),
        reverse_lookups=_reverse_lookups(ours, labels),
    )


def _namespaces() -> dict[str, str]:
    found = {}
    for room in LEVELS:
        for path in (ROOT / room).rglob("*.py"):
            if name := re.search(r'^app_name = "(\w+)"', path.read_text("utf-8"), re.MULTILINE):
                found[name[1]] = room
    return found


def _reverse_lookups(
    models: list[type[Model]], labels: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Return, by room, the names that lead up and are no field or relation of the room itself."""
    found: dict[str, dict[str, str]] = {}
    for room in LEVELS:
        up: dict[str, str] = {}
        within: set[str] = set()
        for model in models:
            if LEVELS[labels[model._meta.app_label]] > LEVELS[room]:
                continue
            for field_ in model._meta.get_fields():
                there = field_.related_model if field_.auto_created else None
                other = labels.get(there._meta.app_label, room) if there else room
                if LEVELS[other] > LEVELS[room]:
                    up[field_.name] = other
                else:
                    within.add(field_.name)
        found[room] = {name: other for name, other in up.items() if name not in within}
    return found


def breaches_of(names: Names, root: Path = ROOT) -> Iterator[tuple[str, Named]]:
    """Return each file of a room, with the names in it that belong to a room above or beside."""
    for path, room in _files(root):
        relative = str(path.relative_to(root))
        if relative.startswith(PROJECT_FILES):
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            found = names.in_python(text, room)
        elif path.suffix == ".sql":
            found = names.in_sql(text)
        else:
            found = names.in_template(text)
        for named in found:
            if named.room != room and LEVELS[named.room] >= LEVELS[room]:
                yield relative, named


def _files(root: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted((root / "templates").rglob("*.*")):
        yield path, room_of_template(path.relative_to(root / "templates").parts[0])
    for room in LEVELS:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in (".py", ".sql"):
                yield path, room
