"""No room names a room above it: not by an import, and not in a string either."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.walls import Reading, circles_of, folders_of, upward_arrows
from tests.house.rooms import Named, Names, breaches_of, read_project

TOY = Names(
    namespaces={"portal": "portal", "accounts": "accounts", "jobs": "ent"},
    labels={"portal": "portal", "accounts": "accounts", "jobs": "ent"},
    tag_libraries={"portal_pages": "portal", "components": "ent"},
    tables={"portal_newsitem": "portal", "jobs_job": "ent"},
    addresses=frozenset({"portal:home", "accounts:mire"}),
    reverse_lookups={"directory": {"news_items": "portal"}},
)

TEMPLATE = """{% extends "layout/base.html" %}
{% load components portal_pages %}
<a href="{% url "portal:home" %}">{% include 'accounts/_form.html' %}</a>
{% url other %}
"""

MODULE = '''
"""Not read: "portal.models"."""
from django.apps import apps

def view(request, school):
    """Nor this: portal:home."""
    apps.get_model("portal.NewsItem")
    apps.get_model("portal", "NewsItem")
    redirect("portal:home")
    log("portal:nothing-of-that-name")
    import_string("accounts.tasks.sweep")
    render(request, "portal/home.html")
    School.objects.filter(news_items__shown=True).order_by("-news_items__day")
    school.news_items.all()
    cursor.execute(f"SELECT 1 FROM portal_newsitem WHERE id = {school}")
    request.GET.get("news_items")

dependencies = [("accounts", "0001_initial")]
'''


@pytest.fixture(scope="module")
def breaches() -> list[tuple[str, Named]]:
    """What the files of the product name that belongs to a room above or beside."""
    return list(breaches_of(read_project()))


def test_no_room_names_a_room_above(breaches: list[tuple[str, Named]]) -> None:
    """Addresses, templates, models, tasks, tables and lookups, of every file of the product."""
    found = [
        f"{path}:{named.line}: names {named.name!r} of {named.room}" for path, named in breaches
    ]
    assert not found, "\n".join(found)


def test_a_template_names_rooms_by_addresses_templates_and_libraries() -> None:
    """The reader, on a small text, with the lines."""
    assert [(named.line, named.name, named.room) for named in TOY.in_template(TEMPLATE)] == [
        (1, "layout/base.html", "ent"),
        (2, "components", "ent"),
        (2, "portal_pages", "portal"),
        (3, "portal:home", "portal"),
        (3, "accounts/_form.html", "accounts"),
    ]


def test_a_module_names_rooms_in_strings_and_lookups() -> None:
    """The reader, on a small text: all that an import would not show, and no docstring."""
    found = sorted((named.line, named.name) for named in TOY.in_python(MODULE, "directory"))
    assert found == [
        (7, "portal.NewsItem"),
        (8, "portal.NewsItem"),
        (9, "portal:home"),
        (11, "accounts.tasks.sweep"),
        (12, "portal/home.html"),
        (13, "-news_items__day"),
        (13, "news_items__shown"),
        (14, "news_items"),
        (15, "portal_newsitem"),
        (18, "accounts.0001_initial"),
    ]


def test_a_planted_breach_is_told_with_its_file_and_line(tmp_path: Path) -> None:
    """One file of the directory that names the portal, in a small project of its own."""
    root = tmp_path
    (root / "directory" / "desk").mkdir(parents=True)
    (root / "directory" / "desk" / "views.py").write_text('\nreverse("portal:home")\n')
    (root / "portal").mkdir()
    (root / "portal" / "views.py").write_text('reverse("accounts:mire")\n')
    (root / "templates" / "layout").mkdir(parents=True)
    (root / "templates" / "layout" / "base.html").write_text('{% url "portal:home" %}')
    assert [(path, named.line, named.room) for path, named in breaches_of(TOY, root)] == [
        ("templates/layout/base.html", 1, "portal"),
        ("directory/desk/views.py", 2, "portal"),
    ]


def test_upward_imports_and_circles_are_found() -> None:
    """The reader of imports (`scripts.walls`): for types too when they lead up."""
    readings = {
        "ent.text": Reading(imported=set(), typed={"portal.models"}),
        "portal.models": Reading(imported={"ent.text"}, typed=set()),
        "guichet.models": Reading(imported={"accounts.models"}, typed=set()),
    }
    assert upward_arrows(readings) == [
        "ent.text → portal.models",
        "guichet.models → accounts.models",
    ]
    assert circles_of({"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": ["d"]}) == [["a", "b", "c"]]
    folders = folders_of({"ent.jobs.models": {"ent.audit.log"}, "ent.audit.x": {"ent.jobs.y"}})
    assert circles_of(folders["ent"]) == [["audit", "jobs"]]
