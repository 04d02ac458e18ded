"""The field's own words on the pages of signing in, and what one's account is called."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.account.models import SignInState
from accounts.doors.base.standard import open_standard_doors
from accounts.enums import AccountKind
from accounts.models import DoorBinding
from directory.enums import Profile
from signin.passwords.rules import PasswordRules
from tests import factories as make
from tests.accounts.academy import academic_door
from tests.accounts.signing import local_door, no_terms

pytestmark = pytest.mark.django_db


def page_of(client: Client, address: str) -> str:
    """The words of a page on one line."""
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("&nbsp;", "\u00a0").split(" ")).replace(
        "\n", " "
    )


def squeezed(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def test_the_mire_gives_the_example_of_several_profiles(client: Client) -> None:
    """R-B2: « différents profils (par exemple, enseignant ET parent) »."""
    open_standard_doors(authority=make.make_authority())
    words = squeezed(page_of(client, "/connexion/"))
    assert "différents profils (par exemple, enseignant ET parent)." in words


def test_a_door_names_the_right_of_access_and_its_law(client: Client) -> None:
    """R-B4: the notice names the right of access and correction, and whom to ask."""
    door = local_door()
    words = squeezed(page_of(client, f"/connexion/{door.code}/"))
    assert "droit d’accès et de rectification" in words
    assert "loi n° 78-17 du 6 janvier 1978" in words
    assert "direction de votre établissement" in words
    texts = squeezed(page_of(client, "/informations/donnees-personnelles/"))
    assert "droit d’accès et de rectification" in texts
    assert "loi n° 78-17 du 6 janvier 1978" in texts


def test_the_signed_out_page_warns_of_an_academic_session(client: Client) -> None:
    """R-B9: the academy's session may still be open."""
    words = squeezed(page_of(client, "/deconnexion/terminee/"))
    assert "Sa session est peut-être restée ouverte" in words


def test_an_academic_account_is_shown_the_login_that_its_owner_types(client: Client) -> None:
    """« Identifiant monique.bernardin » stood there for who signs in as mbernardin."""
    no_terms()
    academy = make.make_authority(name="Académie de Nancy-Metz")
    door = academic_door(academy, "http://127.0.0.1:9")
    school = make.make_school(authority=academy)
    person = make.make_person(profile=Profile.TEACHER, given_name="MONIQUE", school=school)
    account = make.make_account(person=person, kind=AccountKind.ACADEMIC)
    client.force_login(account)
    before = page_of(client, "/mon-compte/")
    assert account.login not in before
    assert "celui de votre compte académique" in before
    DoorBinding.objects.create(door=door, subject="mbernardin", account=account, matched="m@b")
    SignInState.objects.create(
        account=account,
        last_door_code=door.code,
        first_sign_in_at=timezone.now(),
        last_sign_in_at=timezone.now(),
    )
    after = page_of(client, "/mon-compte/")
    assert "mbernardin" in after
    assert account.login not in after


def test_a_good_password_is_shown_and_refused_as_it_is() -> None:
    """A child sees what a good one looks like, and has to make another."""
    rules = PasswordRules(minimum=12, tokens=(), code=None)
    shown = " ".join(rules.sentences())
    example = shown.split("«\u00a0")[1].split("\u00a0»")[0]
    assert rules.faults(example) == [
        "Cette phrase est l’exemple de la page\u00a0: inventez la vôtre."
    ]
    assert rules.faults(example.upper().replace(" ", "")) != []
    assert rules.faults("deux girafes au soleil") == []


def test_a_signed_in_pupil_still_sees_their_login(client: Client) -> None:
    no_terms()
    person = make.make_person(given_name="Manon", family_name="Eleve", school=make.make_school())
    account = make.make_account(person=person)
    client.force_login(account)
    assert account.login in page_of(client, "/mon-compte/")
