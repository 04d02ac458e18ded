"""The directory's screens in a real browser: axe, no sideways scroll, no script of a name runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Dialog, Page, expect

from directory.enums import MembershipRole, Profile, Role
from directory.models import Person
from ent.audit.enums import Act
from ent.audit.services import record
from tests import factories as make
from tests.cast import Cast
from tests.kit.browser import assert_accessible, give_session
from tests.kit.server import LiveSite

pytestmark = pytest.mark.browser
ClientOf = Callable[[Person | None], Client]

_VECTORS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<math><mtext><style><img src=x onerror=alert(1)>",
    "<object data=javascript:alert(1)>",
    "<meta http-equiv=refresh content=0;url=javascript:alert(1)>",
    "<base href=//evil.example>",
    "<link rel=stylesheet href=//evil.example>",
    "<style>@import'//evil.example'</style>",
    "<p style=color:red onmouseover=alert(1)>x",
    "<form action=javascript:alert(1)><button>x",
    "{{7*7}}",
    "{% csrf_token %}",
    "${alert(1)}",
    "<!--<script>alert(1)//-->",
    "]]><script>alert(1)</script>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "\u2028alert(1)\u2029",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
_WRAPPERS = ["{}", '"> {}', "' {} '", "</td></textarea></title>{}"]
PAYLOADS = [wrapper.format(vector) for wrapper in _WRAPPERS for vector in _VECTORS]


def test_the_screens_are_accessible_at_both_widths(
    live_site: LiveSite, browser_page: Page, cast: Cast, client_of: ClientOf
) -> None:
    record(act=Act.ACCOUNT_ACTIVATED, subject=cast.pupil.uuid, school_uai="0541111A")
    make.make_person(school=cast.school_a, left_at=timezone.now() - timedelta(days=86))
    give_session(browser_page.context, live_site, client_of(cast.manager_a))
    for path in (
        "/annuaire/",
        "/annuaire/?q=personne+de+ce+nom",
        "/annuaire/?vue=avancee&profil=eleve&tri=-nom",
        "/annuaire/groupes/",
        "/annuaire/administration/",
        "/annuaire/administration/etablissements/",
        "/annuaire/administration/departs/",
        "/annuaire/administration/acces/",
        "/annuaire/administration/acces/?q=personne+de+ce+nom",
        "/annuaire/administration/acces/ajouter/?q=professeure",
        "/annuaire/journal/",
        reverse("directory:school", args=["0541111A"]),
        reverse("directory:group", args=[cast.class_a.uuid]),
        reverse("directory:person", args=[cast.pupil.uuid]),
        reverse("directory:person", args=[cast.form_teacher.uuid]),
        reverse("directory:role-give", args=[cast.teacher.uuid]),
        reverse("directory:role-withdraw", args=[cast.editor.role_grants.get().uuid]),
    ):
        browser_page.goto(path)
        assert_accessible(browser_page)


def test_a_search_and_a_role_without_a_mouse(
    live_site: LiveSite, browser_page: Page, cast: Cast, client_of: ClientOf
) -> None:
    give_session(browser_page.context, live_site, client_of(cast.head))
    browser_page.goto("/annuaire/")
    expect(browser_page.get_by_label("Nom, prénom")).to_be_focused()  # by itself, once loaded
    browser_page.keyboard.type("manon")
    browser_page.keyboard.press("Enter")
    browser_page.get_by_role("link", name="Fiche Manon Élève").press("Enter")
    browser_page.get_by_role("heading", level=1, name="Manon Élève", exact=True).wait_for()
    browser_page.goto("/annuaire/administration/acces/ajouter/?q=elise")
    browser_page.get_by_role("link", name="Choisir Élise Professeure").press("Enter")
    browser_page.get_by_label("Rédacteur").press("Space")
    browser_page.get_by_role("button", name="Valider").press("Enter")
    browser_page.get_by_text("a maintenant l’accès « Rédacteur »").wait_for()


def test_no_name_ever_runs(
    live_site: LiveSite, browser_page: Page, cast: Cast, client_of: ClientOf
) -> None:
    """T-I2: a hundred payloads in every field shown; a CSP report is a console error."""
    people = [
        make.make_person(
            given_name=payload[:100],
            family_name=f"Injection {payload}"[:100],
            birth_name=payload[:100],
            address=payload,
            town=payload[:100],
            email=payload[:254],
            school=cast.school_a,
            function_label=payload[:100],
            profile=Profile.TEACHER,
        )
        for payload in PAYLOADS
    ]
    cast.school_a.name = PAYLOADS[25][:160]
    cast.school_a.save(update_fields=["name"])
    cast.class_a.label = PAYLOADS[51][:120]
    cast.class_a.save(update_fields=["label"])
    make.put_in_group(person=people[0], group=cast.class_a, role=MembershipRole.TEACHER)
    make.give_role(person=people[1], role=Role.EDITOR, school=cast.school_a)
    record(act=Act.ACCOUNT_BLOCKED, actor=people[2].uuid, school_uai="0541111A")
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    browser_page.on("dialog", note)
    give_session(browser_page.context, live_site, client_of(cast.manager_a))
    paths = [f"/annuaire/?q=injection&page={number}" for number in range(1, 6)]
    paths += [
        reverse("directory:group", args=[cast.class_a.uuid]),
        reverse("directory:school", args=["0541111A"]),
        "/annuaire/administration/acces/",
        "/annuaire/administration/acces/ajouter/?q=injection",
        "/annuaire/journal/",
        "/annuaire/groupes/",
        "/annuaire/administration/etablissements/",
        *(reverse("directory:person", args=[person.uuid]) for person in people[::9]),
    ]
    for path in paths:
        answer = browser_page.goto(path)
        assert answer is not None
        assert answer.status == 200
    assert dialogs == []
