"""From the code on a slip to the connected page."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.enums import AccountState
from accounts.models import ActivationCode, SignInState, TermsAcceptance
from directory.enums import AccessState
from ent.audit.models import AuditEvent
from tests.accounts.signing import GOOD_PASSWORD, give_code, local_door, make_pending, sign_in

pytestmark = pytest.mark.django_db


def choose(client: Client, password: str = GOOD_PASSWORD) -> str:
    answer = client.post(
        "/premiers-pas/mot-de-passe/", {"new_password": password, "confirmation": password}
    )
    return str(answer.headers.get("Location", ""))


def leads_away(client: Client, path: str) -> bool:
    """Does the page show the portal's menus? During a step each link would lead back to it."""
    answer = client.get(path)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Se déconnecter" in page
    assert "Aide" in page
    return "Menu principal" in page and "/mon-compte/" in page


def test_a_pupil_goes_from_code_to_password_to_terms_to_the_connected_page() -> None:
    account, code = make_pending()
    door = local_door(account.person.main_school.authority)  # type: ignore[union-attr]
    client = Client()

    answer = sign_in(client, " Lea.Martin ", code.upper(), door=door.code)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/premiers-pas/mot-de-passe/")
    assert not leads_away(client, "/premiers-pas/mot-de-passe/")

    assert choose(client) == "/premiers-pas/conditions/"
    assert not leads_away(client, "/premiers-pas/conditions/")
    answer = client.post("/premiers-pas/conditions/", {"accepted": "on"})
    assert answer.headers["Location"] == "/accueil/"
    assert leads_away(client, "/mon-compte/")

    account.refresh_from_db()
    account.person.refresh_from_db()
    assert account.state == AccountState.ACTIVE
    assert account.activated_at is not None
    assert account.person.access_state == AccessState.ACTIVE
    assert not ActivationCode.objects.filter(account=account).exists()
    assert SignInState.objects.get(account=account).last_door_code == door.code
    assert TermsAcceptance.objects.filter(account=account).count() == 1


def test_the_password_opens_afterwards_and_the_code_does_not() -> None:
    account, code = make_pending()
    client = Client()
    sign_in(client, account.login, code)
    choose(client)

    assert sign_in(Client(), account.login, code).status_code == 200
    assert sign_in(Client(), account.login, GOOD_PASSWORD).status_code == 303


def test_an_expired_code_opens_nothing() -> None:
    account, _ = make_pending()
    code = give_code(account, days=-0.01)
    assert sign_in(Client(), account.login, code).status_code == 200


def test_a_former_code_opens_nothing() -> None:
    account, former = make_pending()
    give_code(account)
    assert sign_in(Client(), account.login, former).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/accueil/",
        "/mon-compte/",
        "/mon-compte/mot-de-passe/",
        "/operateurs/",
        "/premiers-pas/conditions/",
        "/connexion/",
        "/",
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_the_change_and_sign_out_are_reachable_before_the_choice(
    path: str, method: str
) -> None:
    """T-C1."""
    account, code = make_pending()
    client = Client()
    sign_in(client, account.login, code)
    answer = getattr(client, method)(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/premiers-pas/mot-de-passe/")


def test_sign_out_is_reachable_before_the_choice() -> None:
    """T-C1."""
    account, code = make_pending()
    client = Client()
    sign_in(client, account.login, code)
    answer = client.post("/deconnexion/")
    assert answer.headers["Location"] == "/deconnexion/terminee/"
    assert client.get("/deconnexion/terminee/").status_code == 200


def test_a_password_set_by_somebody_else_is_changed_first() -> None:
    """T-C1."""
    account, code = make_pending()
    client = Client()
    sign_in(client, account.login, code)
    choose(client)
    account.must_choose_password = False
    type(account).objects.filter(pk=account.pk).update(must_choose_password=True)

    client = Client()
    answer = sign_in(client, account.login, GOOD_PASSWORD)
    assert answer.headers["Location"] == "/premiers-pas/mot-de-passe/"
    page = client.post(
        "/premiers-pas/mot-de-passe/",
        {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD},
    )
    assert "différent de l’actuel" in page.content.decode()
    assert choose(client, "trois canards sous la neige") == "/premiers-pas/conditions/"


def test_the_wanted_page_is_reached_after_the_steps() -> None:
    account, code = make_pending()
    client = Client()
    sign_in(client, account.login, code, query="?next=/mon-compte/")
    choose(client)
    answer = client.post("/premiers-pas/conditions/", {"accepted": "on"})
    assert answer.headers["Location"] == "/mon-compte/"


def test_terms_wait_until_the_box_is_ticked() -> None:
    account, code = make_pending()
    client = Client()
    sign_in(client, account.login, code)
    choose(client)
    assert client.get("/accueil/").headers["Location"] == "/premiers-pas/conditions/"
    page = client.post("/premiers-pas/conditions/", {})
    assert "Cochez la case" in page.content.decode()
    assert client.get("/accueil/").headers["Location"] == "/premiers-pas/conditions/"


def test_the_journal_tells_the_first_sign_in() -> None:
    account, code = make_pending()
    client = Client()
    sign_in(client, account.login, "faux")
    sign_in(client, account.login, code)
    choose(client)
    client.post("/premiers-pas/conditions/", {"accepted": "on"})
    client.post("/deconnexion/")
    acts = list(
        AuditEvent.objects.about(account.person.uuid).order_by("id").values_list("act", flat=True)
    )
    assert acts == [
        "account:sign-in:failure",
        "account:code:used",
        "account:activated",
        "account:password:chosen",
        "terms:accepted",
        "account:signed-out",
    ]
