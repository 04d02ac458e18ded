"""Proof before power: an old session gives nothing away (R-B9)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from directory.models import Person
from ent.audit.enums import Act as AuditAct
from ent.audit.enums import Outcome
from ent.audit.models import AuditEvent
from signin.kept_forms.filling import fill_page
from signin.kept_forms.middleware import needs_none
from signin.kept_forms.models import KeptForm
from signin.kept_forms.services import PostedForm
from signin.tasks import purge
from tests import factories as make
from tests.accounts.signing import no_terms, sign_in
from tests.cast import Cast, verified_client
from tests.directory.test_rights_matrix import ask
from tests.rights import RULES, Rule, asks_for_proof, views_by_name
from tests.security.proofs import ASKS_AT_POST_ONLY, FILES, NO_PROOF

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

pytestmark = pytest.mark.django_db
PREPARE = "/annuaire/administration/diffusion-des-identifiants/preparer/0541111A/"
CONFIRM = "/mon-compte/confirmer/"
TEXT = "À lundi,\n« l’équipe » <b>&amp; vous</b>\u2028fin"


def asks(response: TestResponse) -> bool:
    """Was the person sent to the page of the proof?"""
    return response.status_code == 303 and response.headers["Location"].startswith(CONFIRM)


def guarded(verb: str) -> list[tuple[str, Rule]]:
    """The addresses of the matrix that somebody passes, and that ask for a proof at this verb."""
    return [
        (name, rule)
        for name, rule in RULES.items()
        if isinstance(rule, Rule) and getattr(rule, verb) and asks_for_proof(name, verb)
    ]


def test_the_acts_that_need_no_proof_are_exactly_those_of_the_list() -> None:
    marked = {
        name
        for name, view in views_by_name().items()
        if getattr(view, "needs_no_recent_proof", False)
    }
    assert marked == set(NO_PROOF)


def test_the_page_of_an_act_asks_when_it_opens() -> None:
    """Nothing is typed in vain: whatever asks at its POST asks at its GET."""
    views = views_by_name()
    late = {
        name
        for name, rule in RULES.items()
        if isinstance(rule, Rule)
        and rule.GET is not None
        and rule.POST is not None
        and not needs_none(views[name])
        and not asks_for_proof(name, "GET")
    }
    assert late == set(ASKS_AT_POST_ONLY)
    assert all(asks_for_proof(name, "GET") for name in FILES)


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_an_old_session_is_asked_again_at_each_of_them(verb: str, cast: Cast) -> None:
    wrong = []
    jars = {}
    for name, rule in guarded(verb):
        profile = next(one for one in sorted(getattr(rule, verb)) if one != "nobody")
        if profile not in jars:
            jars[profile] = verified_client(getattr(cast, profile), is_recent=False).cookies
        address = reverse(name, kwargs=dict(rule.at(cast))) + rule.query
        response = ask(verb, address, jars[profile], rule.data(cast) if verb == "POST" else {})
        if not asks(response):
            wrong.append(f"{verb} {name}: {profile} gets {response.status_code}")
    assert not wrong, "\n".join(wrong)


def test_a_refusal_worked_out_before_the_proof_does_nothing_but_note_itself(cast: Cast) -> None:
    """Whoever may act is asked and nothing is done; whoever may not is told so (decision 0133)."""
    block = reverse("credentials:block", args=[cast.pupil.uuid])
    posted = {"motif": "carte perdue", "jusqu_au": ""}
    events = AuditEvent.objects.filter(act=AuditAct.ACCOUNT_BLOCKED)
    assert asks(verified_client(cast.manager_a, is_recent=False).post(block, posted))
    assert not events.exists()
    for refused in (cast.manager_b, cast.teacher):
        answer = verified_client(refused, is_recent=False).post(block, posted)
        assert answer.status_code in {403, 404}
    own = reverse("credentials:block", args=[cast.manager_a.uuid])
    client = verified_client(cast.manager_a, is_recent=False)
    assert (client.get(own).status_code, client.post(own, posted).status_code) == (403, 403)
    assert [event.outcome for event in events] == [Outcome.REFUSED]
    assert KeptForm.objects.count() == 1


# --- what was typed is kept ---


@pytest.fixture
def manager(cast: Cast) -> Client:
    no_terms()
    client = Client()
    assert sign_in(client, cast.manager_a.account.login, make.PASSWORD).status_code == 303
    return client


def post_late(client: Client, clock: time_machine.Traveller, **more: object) -> str:
    """Post the form of a mailing with an old proof; the address of the proof."""
    client.get(PREPARE)
    clock.shift(16 * 60)
    posted = {"cible": ["parent", "eleve"], "objet": "L’an neuf", "texte": TEXT, **more}
    answer = client.post(PREPARE, posted)
    assert asks(answer), answer.status_code
    return answer.headers["Location"]


def form_with(page: str, name: str) -> Any:
    """The form of the page that has a field of that name."""
    document: Any = html.document_fromstring(page)
    return next(form for form in document.forms if name in form.fields)


def prove(client: Client, address: str) -> str:
    answer = client.post(address, {"password": make.PASSWORD})
    assert answer.status_code == 303
    return answer.headers["Location"]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def test_what_was_typed_is_shown_again_and_not_done(
    manager: Client, clock: time_machine.Traveller
) -> None:
    back = prove(manager, post_late(manager, clock))
    page = manager.get(back)
    assert "Vérifiez ce que vous aviez saisi" in page.text
    form = form_with(page.text, "texte")
    assert form.fields["objet"] == "L’an neuf"
    assert form.fields["texte"].lstrip("\n") == TEXT
    assert sorted(form.inputs["cible"].value) == ["eleve", "parent"]
    assert manager.get(back).status_code == 303, "it serves once"
    assert not KeptForm.objects.exists()


def test_what_was_typed_is_sealed_and_gone_after_ten_minutes(
    manager: Client, clock: time_machine.Traveller
) -> None:
    address = post_late(manager, clock)
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM signin_keptform k")
        [(row,)] = cursor.fetchall()
    assert "neuf" not in row and b"neuf".hex() not in row
    clock.shift(timedelta(minutes=11))
    back = prove(manager, address)
    late = manager.get(back, follow=True)
    assert "n’est plus gardé" in late.text
    purge()
    assert not KeptForm.objects.exists()


def test_another_session_gets_nothing_of_it(
    manager: Client, cast: Cast, clock: time_machine.Traveller
) -> None:
    address = post_late(manager, clock)
    [back] = parse_qs(urlsplit(address).query)["next"]
    other = Client()
    sign_in(other, cast.manager_a.account.login, make.PASSWORD)
    assert TEXT[:8] not in other.get(back, follow=True).text
    assert KeptForm.objects.exists(), "and does not use it up"


def test_what_was_typed_goes_with_the_session(
    manager: Client, clock: time_machine.Traveller
) -> None:
    post_late(manager, clock)
    manager.post("/deconnexion/")
    assert not KeptForm.objects.exists()


def test_a_session_keeps_five_forms_and_none_that_is_too_long(
    manager: Client, clock: time_machine.Traveller
) -> None:
    for _ in range(7):
        post_late(manager, clock)
    assert KeptForm.objects.count() == 5
    KeptForm.objects.all().delete()
    address = post_late(manager, clock, texte="x" * 250_000)
    assert not KeptForm.objects.exists()
    assert "trop long pour être gardé" in manager.get(prove(manager, address)).text


def test_an_act_that_is_one_button_is_asked_for_again_on_its_page(
    cast: Cast, client_of: Callable[[Person | None], Client]
) -> None:
    """Whoever proves after a stranger pressed it reads what it says, and may leave it."""
    client = client_of(cast.manager_a)
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        posted = {"personne": str(cast.pupil.uuid), "format": "csv"}
        list_page = "http://testserver/annuaire/?q=dupont"
        for referer, leads_to in ((list_page, "/annuaire/?q=dupont&reprise="), ("", None)):
            answer = client.post("/annuaire/exporter/", posted, headers={"Referer": referer})
            [back] = parse_qs(urlsplit(answer.headers["Location"]).query)["next"]
            session = client.session
            session["authenticated_at"] = timezone.now().timestamp()
            session.save()
            page = client.get(back, follow=True)
            assert "rien n’est encore fait" in page.text or "n’est pas faite" in page.text
            assert leads_to is None or back.startswith(leads_to)
            session["authenticated_at"] = 0
            session.save()


ROW = (
    '<form method="post" action="/act/"><input type="hidden" name="who" value="{who}">'
    '<input name="why"><button name="who2" value="{who}">Oui</button></form>'
)


def test_of_a_list_the_form_of_the_same_row_is_filled_and_no_button_is_pressed() -> None:
    """A hidden name is never replaced, and the button that was pressed is not kept."""
    page = f"<html><body>{ROW.format(who='a')}{ROW.format(who='b')}</body></html>"
    fields = (("who", ("b",)), ("why", ("parce que\x0b",)), ("who2", ("b",)))
    filled = fill_page(page, PostedForm(path="/act/", shown_at="/list/", fields=fields))
    assert filled is not None
    first, second = html.document_fromstring(filled).forms  # type: ignore[attr-defined]
    assert (first.fields["why"], second.fields["why"]) == (None, "parce que")
    assert [(one.fields["who"]) for one in (first, second)] == ["a", "b"]
    assert "who2" not in second.fields
    elsewhere = PostedForm(path="/act/", shown_at="/list/", fields=(("who", ("c",)),))
    assert fill_page(page, elsewhere) is None


def test_a_password_is_neither_kept_nor_shown(cast: Cast) -> None:
    client = verified_client(cast.manager_a)
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        posted = {"current_password": "un secret de trop", "email": "a@example.org"}
        answer = client.post(reverse("messaging:change-address"), posted)
        [back] = parse_qs(urlsplit(answer.headers["Location"]).query)["next"]
        session = client.session
        session["authenticated_at"] = timezone.now().timestamp()
        session.save()
        page = client.get(back)
    assert "a@example.org" in page.text
    assert "un secret de trop" not in page.text


def test_a_file_is_to_be_chosen_again(cast: Cast) -> None:
    client = verified_client(cast.ent_administrator)
    address = reverse("directory:import-deposit")
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        answer = client.post(address, {"files": SimpleUploadedFile("a.zip", b"PK")})
        assert asks(answer)
        [back] = parse_qs(urlsplit(answer.headers["Location"]).query)["next"]
        session = client.session
        session["authenticated_at"] = timezone.now().timestamp()
        session.save()
        assert "choisissez-les à nouveau" in client.get(back).text


def test_a_script_of_a_page_is_refused_and_keeps_nothing(
    manager: Client, clock: time_machine.Traveller
) -> None:
    clock.shift(16 * 60)
    answer = manager.post(PREPARE, {"compter": "1"}, headers={"Sec-Fetch-Dest": "empty"})
    assert answer.status_code == 403
    assert not KeptForm.objects.exists()


def test_the_proof_counts_from_itself_and_not_from_the_last_act(
    manager: Client, clock: time_machine.Traveller
) -> None:
    for _ in range(3):
        clock.shift(4 * 60)
        assert manager.get(PREPARE).status_code == 200
    clock.shift(4 * 60)
    assert asks(manager.get(PREPARE))
    assert re.fullmatch(r"/[a-z/-]+\?next=.*", manager.get(PREPARE).headers["Location"])
