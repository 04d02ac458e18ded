"""Code, templates, SQL files and static files that nothing of the product uses.

`python -m scripts.unused` prints them and fails when there is one; `make check` runs it. Code is
read by vulture. A use by a test is none. What only a string or a template names is used: a dotted
path of the settings, a column of the admin, a property in a template.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from vulture.core import Item, Vulture

from scripts.walls import LEVELS, ROOT

#: Where uses are looked for; tests are none.
FOLDERS: Final = (*LEVELS, "bench", "scripts")
#: Decorators that register what they decorate with Django, Celery or a library.
REGISTERED: Final = (
    "@admin.register",
    "@register",
    "@register.*",
    "@receiver",
    "@shared_task",
    "@app.task",
    "@*.connect",
    "@checks.register",
    "@*.register_lookup",
)
#: Methods and functions that Django or a library calls by their name.
HOOKS: Final = (
    "*Config",  # of an application
    "Meta",
    "Command",
    "clean_*",  # forms
    "add_arguments",  # commands
    "handle",
    "to_python",  # converters of addresses
    "to_url",
    "has_perm",  # the account and its backend
    "has_module_perms",
    "authenticate",
    "get_user",
    "clean_username",
    "get_session_auth_hash",
    "get_session_auth_fallback_hash",
    "_reject",  # the forgery protection
    "_origin_verified",
    "_check_referer",
    "_get_page",  # paginator
    "handle_raw_input",  # uploads
    "receive_data_chunk",
    "file_complete",
    "upload_interrupted",
    "readinto",  # files
    "seekable",
    "writable",
    "tell",
    "get_new_connection",  # the database backend
    "get_post_parameters",  # reports of errors
    "get_safe_cookies",
    "get_traceback_frame_variables",
    "formatException",
    "on_starting",  # gunicorn
    "_put",  # kombu
    "register_with_event_loop",
    "connection_class",  # Django's SMTP backend
    "do_GET",  # http.server
    "do_POST",
    "log_message",
    "server_bind",
    "handle_starttag",  # html.parser
    "handle_endtag",
    "handle_data",
    "handle_EHLO",  # aiosmtpd
    "handle_DATA",
    "test_password",  # mama-cas, in the academy of the demonstration
    "attributs",
    "name_of_the_academy",
)
#: What stays although no code of the product calls it, and why.
KEPT: Final = {
    "FileChunk": "its table is written and read in SQL",
    "run_now": "a job in this process: for a shell, and for tests",
    "authenticate": "Django's own name: whatever calls it is refused",
    "forget_protocol": "a kind of door that only a test registers is taken away again",
    "erase_persons": "R-D5, no page and no job yet",
    "registered_rooms": "the order that its test holds against the documentation",
    "unescape_formula": "the proof that an escaped cell loses nothing",
    "generate_code": "one code; the product makes them by the thousand, in SQL",
    # Asked by the requirements and tested; no screen or file calls them yet.
    "block_account": "« Bloquer », no screen yet",
    "unblock_account": "« Bloquer », no screen yet",
    "publish_news": "the page of news, operators only so far",
    "withdraw_news": "the page of news, operators only so far",
    "publish_text": "legal texts, operators only so far",
    "identifier_for": "the bridge and exports name somebody as a service knows them",
    "identifiers_for": "the bridge and exports name people as a service knows them",
}
#: Kinds of vulture that are told here. A variable counts when it is a constant of its module:
#: fields, members of an enum and options of Django stand in classes.
KINDS: Final = ("class", "function", "method", "property")
#: Constants that Django or gunicorn reads in a module of ours.
CONSTANT_HOOKS: Final = ("app_name", "handler*")
#: Templates of a program of its own, whose words count as uses.
PRONOTE_TEMPLATES: Final = "demo/pronote/templates"
#: Files whose names are settings (of Django, gunicorn, an academy), or programs of their own.
SETTINGS: Final = ("ent/settings/*", "ent/web/gunicorn.py", "bench/*", "demo/academy/*")
#: Templates that Django looks for by a name of its own.
DJANGO_TEMPLATES: Final = ("admin/*", "django/*", "[0-9][0-9][0-9].html")
#: Static files that need no mention.
UNNAMED_STATIC: Final = ("*/.gitkeep", ".gitkeep", "fonts/LICENSE-*")

#: What an f-string fills in.
GAP: Final = "\0"
#: A file name with a gap, which must say more than a folder-less « anything of this kind ».
_GAPPED: Final = re.compile(rf"^(?=.*\w{{3,}}/)[\w./{GAP}-]+\.[a-z0-9]+$")
_TAG: Final = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_FILE: Final = re.compile(r"[\w./-]+\.[a-z0-9]+")


def python_files(folders: Iterable[str]) -> Iterator[Path]:
    """Return the modules of the folders, migrations left out."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def strings_with_lines(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Return the strings of a module that are no docstrings, with the gaps of f-strings."""
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            inside.update(node.values)
            yield (
                node.lineno,
                "".join(
                    str(part.value) if isinstance(part, ast.Constant) else GAP
                    for part in node.values
                ),
            )
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            yield node.lineno, node.value


def words_of_template(text: str) -> set[str]:
    """Return the words in the tags and variables of a template."""
    return {word for tag in _TAG.findall(text) for word in _WORD.findall(tag)}


def unused_code(named: set[str]) -> Iterator[str]:
    """Return what vulture finds unused and no string or template names."""
    vulture = Vulture(ignore_names=list(HOOKS), ignore_decorators=list(REGISTERED))
    vulture.scavenge([str(path) for path in python_files(FOLDERS)])
    for item in vulture.get_unused_code(min_confidence=60):
        path = Path(item.filename).relative_to(ROOT)
        if item.name not in named.union(KEPT) and _is_told(item, path):
            yield f"{path}:{item.first_lineno}: unused {item.typ} {item.name}"


def _is_told(item: Item, path: Path) -> bool:
    if any(fnmatch(str(path), pattern) for pattern in SETTINGS):
        return False
    if item.typ != "variable":
        return item.typ in KINDS
    line = (ROOT / path).read_text(encoding="utf-8").splitlines()[item.first_lineno - 1]
    return line.startswith(item.name) and not any(
        fnmatch(item.name, hook) for hook in CONSTANT_HOOKS
    )


def unused_files(strings: set[str], templates: dict[str, str]) -> Iterator[str]:
    """Return the templates, SQL files and static files whose name stands nowhere."""
    patterns = [
        re.compile(re.escape(text).replace(re.escape(GAP), r"(\w+)"))
        for text in strings
        if GAP in text and _GAPPED.match(text)
    ]
    named = {name for text in (*strings, *templates.values()) for name in _FILE.findall(text)}
    static = {path.relative_to(ROOT / "static"): path for path in files_of("static")}
    for path in static.values():
        if path.suffix in (".css", ".js"):
            named.update(_FILE.findall(path.read_text(encoding="utf-8")))

    def is_named(name: str) -> bool:
        fits = [match for pattern in patterns if (match := pattern.fullmatch(name))]
        return name in named or any(
            all(gap in strings or gap.isdigit() for gap in match.groups()) for match in fits
        )

    for name in templates:
        if not is_named(name) and not any(fnmatch(name, pattern) for pattern in DJANGO_TEMPLATES):
            yield f"templates/{name}: no view and no template names it"
    for relative in static:
        base = any(fnmatch(str(relative), pattern) for pattern in UNNAMED_STATIC)
        if not base and not any(Path(name).name == relative.name for name in named):
            yield f"static/{relative}: nothing names it"
    for room in LEVELS:
        for path in sorted((ROOT / room).rglob("*.sql")):
            if not any(text in strings for text in (path.name, path.stem)):
                yield f"{path.relative_to(ROOT)}: nothing names it"


def files_of(folder: str) -> list[Path]:
    """Return every file under a folder."""
    return sorted(path for path in (ROOT / folder).rglob("*") if path.is_file())


def main() -> int:
    """Print what nothing uses; 1 when there is something."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in python_files(FOLDERS)]
    strings = {text for tree in trees for _, text in strings_with_lines(tree)}
    templates = {
        str(path.relative_to(ROOT / "templates")): path.read_text(encoding="utf-8")
        for path in files_of("templates")
    }
    words = {word for text in templates.values() for word in words_of_template(text)}
    for path in files_of(PRONOTE_TEMPLATES):
        words |= words_of_template(path.read_text(encoding="utf-8"))
    words.update(word for text in strings if " " not in text for word in _WORD.findall(text))
    words.update(part for word in list(words) for part in word.split("__"))
    found = [*unused_code(words), *unused_files(strings, templates)]
    for line in found:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"unused: {len(found)}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
