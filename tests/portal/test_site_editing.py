"""« Site de l’établissement »: written, overtaken, restored, published, withdrawn (R-A4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from directory.models import Person
from ent.audit.models import AuditEvent
from portal.models import NewsItem, OpeningPeriod, PracticalPage, SavedVersion, SchoolPage
from portal.site.forms import read_hours, write_hours
from tests.cast import Cast

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

pytestmark = pytest.mark.django_db
ClientOf = Callable[..., Client]


def href(name: str, cast: Cast, *args: object) -> str:
    """The address of a page of school A's site."""
    return reverse(f"portal:site-{name}", args=[cast.school_a.uai, *args])


def fields(**changed: Any) -> dict[str, Any]:
    """What the form of a piece of news posts."""
    return {"version": 0, "title": "Portes ouvertes", "body": "Samedi.", "audience": "tous"} | {
        name: value for name, value in changed.items() if value is not None
    }


def publish(editor: Client, cast: Cast, **changed: Any) -> NewsItem:
    """Write and publish a piece of news as an editor does."""
    answer = editor.post(href("news-add", cast), fields(acte="publier", **changed))
    assert answer.status_code == 302, answer.content.decode()
    return NewsItem.objects.latest("pk")


def seen(client: Client, cast: Cast) -> dict[str, str]:
    """What everybody reads of school A: its page, its feed, the map of all pages."""
    slug = cast.school_a.slug
    addresses = {
        "page": f"/etablissements/{slug}/",
        "feed": f"/etablissements/{slug}/actualites.rss",
        "sitemap": "/sitemap.xml",
    }
    return {name: client.get(path).content.decode() for name, path in addresses.items()}


def test_published_and_withdrawn_news_show_at_the_next_request_everywhere(
    cast: Cast, client: Client, client_of: ClientOf
) -> None:
    """Each page was kept in memory before: none of them shows the former state once more."""
    editor, pupil = client_of(cast.editor), client_of(cast.pupil)
    assert "Portes ouvertes" not in seen(client, cast)["page"]
    item = publish(editor, cast)
    shown = seen(client, cast)
    assert "Portes ouvertes" in shown["page"]
    assert "Portes ouvertes" in shown["feed"]
    assert str(item.uuid) in shown["sitemap"]
    assert "Portes ouvertes" in pupil.get("/accueil/").content.decode()
    editor.post(href("news-act", cast, item.uuid), {"acte": "retirer"})
    assert "Portes ouvertes" not in "".join(seen(client, cast).values())
    assert str(item.uuid) not in "".join(seen(client, cast).values())
    assert "Portes ouvertes" not in pupil.get("/accueil/").content.decode()
    address = f"/etablissements/{cast.school_a.slug}/actualites/{item.uuid}/"
    assert client.get(address).status_code == 404
    acts = set(AuditEvent.objects.values_list("act", flat=True))
    assert {"site:text:saved", "news:published", "news:unpublished"} <= acts


def test_a_scheduled_time_needs_no_job(cast: Cast, client: Client, client_of: ClientOf) -> None:
    """The kept page ends at the moment at which something begins, or ends."""
    now = timezone.now().replace(microsecond=0)
    dates = {"shows_from": now + timedelta(seconds=10), "shows_until": now + timedelta(seconds=20)}
    item = publish(client_of(cast.editor), cast)
    NewsItem.objects.filter(pk=item.pk).update(**dates)
    for seconds, is_there in ((0, False), (9, False), (11, True), (19, True), (21, False)):
        with time_machine.travel(now + timedelta(seconds=seconds), tick=False):
            words = seen(client, cast)
            assert ("Portes ouvertes" in words["page"]) is is_there, seconds
            assert ("Portes ouvertes" in words["feed"]) is is_there, seconds


def test_only_those_for_whom_news_are_read_them(cast: Cast, client_of: ClientOf) -> None:
    """Signed-in, by profile and by class; a parent follows the child."""
    editor = client_of(cast.editor)
    publish(editor, cast, audience="connectes", title="Pour les parents", profiles=["tuteur"])
    publish(editor, cast, audience="connectes", title="Pour la 4E3", groups=[cast.class_a.pk])
    publish(editor, cast, audience="connectes", title="Pour la 6E1", groups=[cast.other_class_a.pk])
    read = {
        name: client_of(getattr(cast, name)).get("/accueil/").content.decode()
        for name in ("pupil", "parent", "teacher", "stranger")
    }
    expected = {
        "pupil": {"Pour la 4E3"},
        "parent": {"Pour les parents", *_titles_of(cast.child_a)},
        "teacher": _titles_of(cast.teacher),
        "stranger": set(),
    }
    for name, titles in expected.items():
        for title in ("Pour les parents", "Pour la 4E3", "Pour la 6E1"):
            assert (title in read[name]) is (title in titles), (name, title)
    assert "Pour" not in seen(Client(), cast)["page"].split("Actualités")[1].split("Contact")[0]


def _titles_of(person: Person) -> set[str]:
    codes = {"4E3": "Pour la 4E3", "6E1": "Pour la 6E1"}
    classes = person.memberships.values_list("group__code", flat=True)
    return {codes[code] for code in classes if code in codes}


def test_who_is_overtaken_is_told_and_loses_nothing(cast: Cast, client_of: ClientOf) -> None:
    """Two forms based on one version: the second is shown again, with what both wrote."""
    editor, head = client_of(cast.editor), client_of(cast.head)
    item = publish(editor, cast)
    path = href("news-change", cast, item.uuid)
    first = fields(version=item.version, body="Samedi à neuf heures.", acte="publier")
    assert editor.post(path, first).status_code == 302
    second = fields(version=item.version, title="Journée", body="Dimanche.", acte="publier")
    told: TestResponse = head.post(path, second)
    words = told.content.decode()
    assert told.status_code == 409
    assert cast.editor.full_name in words
    assert "Samedi à neuf heures." in words
    assert "Dimanche." in words
    assert 'value="Journée"' in words
    item.refresh_from_db()
    assert item.body == "<p>Samedi à neuf heures.</p>"
    again = head.post(path, {**second, "version": item.version})
    assert again.status_code == 302
    item.refresh_from_db()
    assert item.body == "<p>Dimanche.</p>"


def test_a_version_is_restored_as_a_version_of_its_own(cast: Cast, client_of: ClientOf) -> None:
    editor = client_of(cast.editor)
    item = publish(editor, cast, body="## Premier\n\n- un")
    editor.post(href("news-change", cast, item.uuid), fields(version=1, body="Second."))
    path = href("news-versions", cast, item.uuid)
    compared = editor.get(path, {"version": 1}).content.decode()
    assert "## Premier" in compared
    assert "Second." in compared
    assert editor.post(path, {"version": 1, "sur": 2}).status_code == 302
    item.refresh_from_db()
    assert (item.version, item.body) == (3, "<h2>Premier</h2>\n<ul><li>un</li></ul>")
    kept = SavedVersion.objects.filter(news=item).order_by("number")
    assert [(row.number, row.author) for row in kept] == [(n, cast.editor) for n in (1, 2, 3)]
    editor.post(path, {"version": 2, "sur": 2})  # based on what is no more the text
    item.refresh_from_db()
    assert item.version == 3


def test_a_preview_saves_nothing(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.editor).post(
        href("news-add", cast), fields(body="## Un titre", acte="apercu")
    )
    assert "<h2>Un titre</h2>" in answer.content.decode()
    assert not NewsItem.objects.exists()


def test_pages_make_the_menu_in_the_order_of_the_buttons(
    cast: Cast, client: Client, client_of: ClientOf
) -> None:
    editor = client_of(cast.editor)
    for title in ("Cantine", "Transports"):
        editor.post(
            href("page-add", cast), {"version": 0, "title": title, "body": "x", "acte": "publier"}
        )
    second = PracticalPage.objects.get(slug="transports")
    words = seen(client, cast)
    assert words["page"].index("Cantine") < words["page"].index("Transports")
    assert "/pages/cantine/" in words["sitemap"]
    editor.post(href("page-act", cast, second.uuid), {"acte": "monter"})
    words = seen(client, cast)
    assert words["page"].index("Transports") < words["page"].index("Cantine")
    path = f"/etablissements/{cast.school_a.slug}/pages/transports/"
    assert client.get(path).status_code == 200
    editor.post(href("page-act", cast, second.uuid), {"acte": "retirer"})
    assert client.get(path).status_code == 404
    assert "Transports" not in seen(client, cast)["page"]


def test_presentation_links_hours_and_message(
    cast: Cast, client: Client, client_of: ClientOf
) -> None:
    editor = client_of(cast.editor)
    editor.post(
        href("presentation", cast),
        {"version": 0, "body": "Bienvenue.", "contact_phone": "03 83 11 22 33"},
    )
    for label in ("Cantine", "Cars"):
        editor.post(href("links", cast), {"label": label, "address": f"https://{label}.example/"})
    editor.post(href("hours", cast), {"day_1": "8h-12h, 13h30 à 17h", "day_2": "8:00 – 12:00"})
    now = timezone.localtime()
    message = {"words": "Fermé demain", "tone": "alerte"}
    dates = {
        "shows_from": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "shows_until": f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M}",
    }
    editor.post(href("message", cast), {**message, **dates})
    words = seen(client, cast)["page"]
    for text in ("Bienvenue.", "03 83 11 22 33", "Cantine", "Fermé demain", "13\u00a0h\u00a030"):
        assert text in words, text
    assert OpeningPeriod.objects.filter(school=cast.school_a).count() == 3
    assert SchoolPage.objects.get(school=cast.school_a).version == 1
    editor.post(href("message", cast), {"acte": "retirer"})
    assert "Fermé demain" not in seen(client, cast)["page"]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("", ""), ("fermé", ""), ("8h-12h", "8 h – 12 h"), ("8:30 – 24h", "8 h 30 – 23 h 59"),
     ("de 8 h à 12 h et 14h à 17h05", "8 h – 12 h, 14 h – 17 h 05")],
)  # fmt: skip
def test_hours_as_people_type_them(typed: str, shown: str) -> None:
    assert write_hours(read_hours(typed)).replace("\u00a0", " ") == shown


def test_wrong_dates_hours_and_readers_keep_the_text(cast: Cast, client_of: ClientOf) -> None:
    editor = client_of(cast.editor)
    for wrong in (
        {"shows_until": "2020-01-01T10:00"},
        {"profiles": ["eleve"]},
        {"title": ""},
        {"audience": "personne"},
        {"version": "x"},
    ):
        answer = editor.post(href("news-add", cast), {**fields(body="Mon texte."), **wrong})
        assert answer.status_code == 200, wrong
        assert "Mon texte." in answer.content.decode()
    assert not NewsItem.objects.exists()
    answer = editor.post(href("hours", cast), {"day_1": "8h-7h", "day_2": "bientôt"})
    assert "bientôt" in answer.content.decode()
    assert not OpeningPeriod.objects.exists()
