"""What a password must be, and that the same one opens again."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils.crypto import get_random_string
from pytest_django import Settings

from accounts.local.password_rules import minimum_length, rules_of
from accounts.models import Account
from directory.enums import Category, Degree, Profile, Role
from directory.models import Record
from signin.passwords.hashers import PreauArgon2
from signin.throttle.models import ThrottleCounter
from tests import factories as make
from tests.accounts.signing import GOOD_PASSWORD, make_pending, no_terms, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending() -> tuple[Account, str]:
    """A pupil about whom an attacker would know everything."""
    no_terms()
    school = make.make_school(name="Collège Aristide-Briand", uai="0541111A")
    return make_pending(
        school=school,
        login="lea.dupont2",
        given_name="Léa",
        family_name="Dupont-Moretti",
        birth_name="Vasseur",
        birth_date=date(2012, 3, 5),
        ine="120387456AB",
    )


def reasons(account: Account, password: str) -> str:
    return " ".join(rules_of(account).faults(password))


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("court", "il en faut au moins 12"),
        ("aaaaaaaaaaaaaaaa", "répète"),
        ("abababababababab", "répète"),
        ("motdepasse123", "parmi les premiers"),
        ("Motdepasse123", "parmi les premiers"),
        ("azertyuiopqs", "parmi les premiers"),
        ("123456789987654321", "parmi les premiers"),
        ("motdepasse1234", "parmi les premiers"),
        ("Mot de passe 2026 !", "parmi les premiers"),
        ("motdepassemotdepasse", "parmi les premiers"),
        ("123456789012", "parmi les premiers"),
        ("abcdefghijkl", "parmi les premiers"),
        ("azertyuiop12", "parmi les premiers"),
        ("poiuytreza99", "parmi les premiers"),
        ("soleil202600", "parmi les premiers"),
        ("lea.dupont2-secret", "votre identifiant"),
        ("LeaDupont2 secret!", "votre identifiant"),
        ("mon nom est Moretti", "votre nom"),
        ("MORETTI-le-grand", "votre nom"),
        ("vasseur et compagnie", "votre nom"),
        ("Léa", "il en faut au moins 12"),
        ("léa 1234567890 !", "votre prénom"),
        ("né le 05/03/2012 ok", "votre date de naissance"),
        ("né le 05-03-12 bravo", "votre date de naissance"),
        ("jour 20120305 bravo", "votre date de naissance"),
        ("jour 120305 bravo", "votre date de naissance"),
        ("jour 03052012 bravo", "votre date de naissance"),
        ("jour 030512 bravo", "votre date de naissance"),
        ("120387456AB et plus", "votre INE"),
        ("120387456a et plus", "votre INE"),
        ("collège aristide briand", "le nom de votre établissement"),
        ("vive aristide !", "le nom de votre établissement"),
        ("vive le 0541111A !", "le code de votre établissement"),
        ("x" * 200 + "yz" * 29, "plus de 256"),
    ],
)
def test_a_password_that_others_would_try_is_refused_with_its_reason(
    password: str, reason: str, pending: tuple[Account, str]
) -> None:
    """T-C2."""
    assert reason in reasons(pending[0], password)


def test_the_initial_code_is_refused_however_it_is_typed(pending: tuple[Account, str]) -> None:
    """T-C2."""
    account, code = pending
    for typed in (code, code.upper(), code.replace("-", ""), code.replace("-", " ")):
        assert "le code que vous avez reçu" in reasons(account, typed)


@pytest.mark.parametrize(
    "password",
    [
        GOOD_PASSWORD,
        "une phrase de soixante-quatre caractères, ni plus ni moins, ouf!",
        "🦊🐢🦊🐢 le renard et la tortue",
        "🦊🐢🐙🦀🐳🐌🦉🐝🦋🐞🐬🐘",
        "élève à l’écoute, çà et là",
        "e\u0301le\u0300ve composé autrement",
        "   des espaces   partout   ",
        get_random_string(256),
    ],
)
def test_a_phrase_is_accepted_and_opens_unchanged(
    password: str, pending: tuple[Account, str]
) -> None:
    """T-C2: accents, spaces, emoji; « é » typed as one or as two characters is the same."""
    account, code = pending
    client = Client()
    sign_in(client, account.login, code)
    form = {"new_password": password, "confirmation": password}
    answer = client.post("/premiers-pas/mot-de-passe/", form)
    assert answer.status_code == 303, answer.content.decode()
    for spelling in ("NFC", "NFD"):
        typed = unicodedata.normalize(spelling, password)
        if len(typed) <= 256:
            assert sign_in(Client(), account.login, typed).status_code == 303
    assert sign_in(Client(), account.login, password.strip() + "x").status_code != 303


def test_the_rules_are_shown_before_typing(pending: tuple[Account, str]) -> None:
    account, code = pending
    client = Client()
    sign_in(client, account.login, code)
    page = client.get("/premiers-pas/mot-de-passe/").content.decode()
    assert "au moins 12\u00a0caractères" in page
    assert account.login in page


def test_every_reason_is_said_at_once_and_nothing_is_changed(
    pending: tuple[Account, str],
) -> None:
    account, code = pending
    client = Client()
    sign_in(client, account.login, code)
    form = {"new_password": "Dupont", "confirmation": "autre"}
    page = client.post("/premiers-pas/mot-de-passe/", form).content.decode()
    assert "il en faut au moins 12" in page
    assert "votre nom" in page
    assert "Dupont" not in page.split("<form")[-1]
    assert sign_in(Client(), account.login, code).status_code == 303


def test_both_must_be_the_same(pending: tuple[Account, str]) -> None:
    account, code = pending
    client = Client()
    sign_in(client, account.login, code)
    form = {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD + "!"}
    page = client.post("/premiers-pas/mot-de-passe/", form).content.decode()
    assert "Les deux mots de passe sont différents" in page


@pytest.mark.parametrize("current", ["", "pas le bon du tout"])
def test_the_page_that_changes_it_confirms_no_guess(current: str) -> None:
    """Whoever finds an open session learns nothing by guessing, counted or not (T-A5)."""
    no_terms()
    person = make.make_person(given_name="Lou", family_name="Tenue", school=make.make_school())
    account = make.make_account(person=person, login="lou.tenue")
    client = Client()
    client.force_login(account)

    def page_after(guess: str) -> str:
        form = {"current_password": current, "new_password": guess, "confirmation": guess}
        page = client.post("/mon-compte/mot-de-passe/", form).content.decode()
        ThrottleCounter.objects.all().delete()
        return page.split("<main")[1].split('name="csrfmiddlewaretoken"')[0]

    assert page_after(make.PASSWORD) == page_after(GOOD_PASSWORD)
    assert "différent de l’actuel" not in page_after(make.PASSWORD)
    account.refresh_from_db()
    assert account.check_password(make.PASSWORD)


def test_the_same_one_again_is_refused_by_what_was_typed_beside_it() -> None:
    no_terms()
    person = make.make_person(given_name="Lou", family_name="Tenue", school=make.make_school())
    client = Client()
    client.force_login(make.make_account(person=person, login="lou.tenue"))
    typed = dict.fromkeys(("current_password", "new_password", "confirmation"), make.PASSWORD)
    page = client.post("/mon-compte/mot-de-passe/", typed).content.decode()
    assert "différent de l’actuel" in page


def test_a_first_choice_confirms_no_guess_before_it_is_complete() -> None:
    """A complete wrong guess is the new password: there is no second one."""
    no_terms()
    person = make.make_person(given_name="Lou", family_name="Tenue", school=make.make_school())
    account = make.make_account(person=person, login="lou.tenue", must_choose_password=True)
    client = Client()
    client.force_login(account)
    form = {"new_password": make.PASSWORD, "confirmation": "autre chose"}
    page = client.post("/premiers-pas/mot-de-passe/", form).content.decode()
    assert "Les deux mots de passe sont différents" in page
    assert "différent de l’actuel" not in page


def test_lengths_depend_on_who_it_is(pending: tuple[Account, str], settings: Settings) -> None:
    """Fifteen for administrators, eight for the youngest, twelve for everybody else."""
    account = pending[0]
    assert minimum_length(account) == 12
    record = Record.objects.create(
        authority=account.person.main_school.authority,  # type: ignore[union-attr]
        degree=Degree.FIRST,
        category=Category.PUPIL,
        external_id="1",
        person=account.person,
        checksum=b"",
    )
    assert minimum_length(account) == 8
    record.degree = Degree.SECOND
    record.save()
    assert minimum_length(account) == 12
    settings.PASSWORD_MINIMUM_LENGTHS = {**settings.PASSWORD_MINIMUM_LENGTHS, "default": 6}
    assert minimum_length(account) == 8
    make.give_role(person=account.person, role=Role.ENT_ADMINISTRATOR)
    assert minimum_length(account) == 15


def test_a_parent_without_school_has_rules_too() -> None:
    person = make.make_person(profile=Profile.GUARDIAN, given_name="", family_name="Li")
    account = make.make_account(person=person, login="li")
    assert reasons(account, GOOD_PASSWORD) == ""
    assert "votre nom" in reasons(account, "Li 12345678901")


@pytest.mark.parametrize(
    "stored",
    [
        make_password(make.PASSWORD, hasher="pbkdf2_sha256"),
        "weaker",
    ],
    ids=["pbkdf2", "weaker"],
)
def test_an_older_hash_is_made_again_at_sign_in(stored: str) -> None:
    """T-L1: at a door, with the password that was typed."""

    class Weaker(PreauArgon2):
        memory_cost = 8192

    no_terms()
    account = make.make_account(person=make.make_person(given_name="Ada", family_name="Old"))
    old = Weaker().encode(make.PASSWORD, "salt-of-tests") if stored == "weaker" else stored
    Account.objects.filter(pk=account.pk).update(password=old)
    assert sign_in(Client(), account.login, make.PASSWORD).status_code == 303
    account.refresh_from_db()
    assert account.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert sign_in(Client(), account.login, make.PASSWORD).status_code == 303


def test_a_stronger_hash_is_not_made_weaker() -> None:
    """T-L1: downgrade refused."""

    class Stronger(PreauArgon2):
        memory_cost = 32768

    no_terms()
    account = make.make_account(person=make.make_person(given_name="Ada", family_name="New"))
    strong = Stronger().encode(make.PASSWORD, "salt-of-tests")
    Account.objects.filter(pk=account.pk).update(password=strong)
    assert sign_in(Client(), account.login, make.PASSWORD).status_code == 303
    account.refresh_from_db()
    assert account.password == strong
