"""Nobody learns from a failed sign-in whether an account exists, nor in which state it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import AccountKind, AccountState
from accounts.models import Account
from directory.enums import Profile
from ent.sealing.hashing import keyed_digest
from signin import one_time_codes as codes
from signin.passwords.hashers import PreauArgon2
from signin.passwords.hashing import hash_of_nobody
from signin.throttle.models import ThrottleCounter
from tests import factories as make
from tests.accounts.signing import give_code, make_pending, no_terms, sign_in
from tests.kit.trees import tree_of

pytestmark = pytest.mark.django_db

LOGINS = ("inconnu", "connu", "bloque", "attente", "non.active", "academique", "contact")


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """Dates in headers differ by the second: time stands still."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def logins() -> dict[str, str]:
    """Seven logins, one of each kind, with nothing wrong about any of their owners."""
    school = make.make_school()

    def account(name: str, **fields: Any) -> str:
        profile = fields.pop("profile", Profile.PUPIL)
        person = make.make_person(
            school=school, given_name="Jo", family_name=name.title(), profile=profile
        )
        return make.make_account(person=person, login=f"jo.{name}", **fields).login

    made = {
        "inconnu": "jo.personne",
        "connu": account("connu"),
        "bloque": account("bloque", state=AccountState.BLOCKED),
        "attente": account("attente"),
        "non.active": make_pending(school=school, login="jo.pending")[0].login,
        "academique": account("academique", kind=AccountKind.ACADEMIC),
        "contact": account("contact", profile=Profile.CONTACT),
    }
    for _ in range(2):
        sign_in(Client(), made["attente"], "encore faux")
    return made


def masked(answer: Any) -> tuple[int, bytes, dict[str, str], dict[str, str]]:
    """The answer without what is drawn anew for each page (token, nonce), nor the typed login."""
    body = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", answer.content)
    body = re.sub(rb'name="username" value="[^"]*"', b"", body)  # what was typed comes back
    nonce = re.search(r"'nonce-([^']+)'", answer.headers.get("Content-Security-Policy", ""))
    headers = dict(answer.headers.items())
    if nonce:
        body = body.replace(nonce.group(1).encode(), b"")
        headers = {name: value.replace(nonce.group(1), "") for name, value in headers.items()}
    headers.pop("Content-Length", None)  # of the login too; the body is compared as it is
    cookies = {
        name: re.sub(r"=[^;]+", "=x", morsel.OutputString(), count=1)
        for name, morsel in answer.cookies.items()
    }
    return answer.status_code, body, headers, cookies


def test_every_failure_gives_the_same_bytes(logins: dict[str, str]) -> None:
    """T-A1."""
    answers = {name: masked(sign_in(Client(), login, "faux")) for name, login in logins.items()}
    assert set(logins) == set(LOGINS)
    for name, answer in answers.items():
        assert answer == answers["inconnu"], name
    assert "incorrect" in answers["inconnu"][1].decode()


def test_a_wait_gives_the_same_bytes_whether_the_login_exists_or_not(
    logins: dict[str, str],
) -> None:
    """T-A1, after too many tries."""
    answers = {}
    for name, login in logins.items():
        for _ in range(5):
            sign_in(Client(), login, "faux")
        ThrottleCounter.objects.update(blocked_until=None, tries=9)
        sign_in(Client(), login, "faux")
        answers[name] = masked(sign_in(Client(), login, "faux"))
    for name, answer in answers.items():
        assert answer == answers["inconnu"], name
    assert answers["inconnu"][0] == 429
    assert "15\u00a0minutes" in answers["inconnu"][1].decode()


class Work:
    """Counts what costs time."""

    def __init__(self) -> None:
        self.hashes = 0
        self.macs = 0


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """Count Argon2 and the HMAC of codes, at the level of the primitives."""
    counted = Work()
    verify, encode, digest = PreauArgon2.verify, PreauArgon2.encode, keyed_digest

    def counted_verify(self: PreauArgon2, password: str, encoded: str) -> bool:
        counted.hashes += 1
        return bool(verify(self, password, encoded))

    def counted_encode(self: PreauArgon2, password: str, salt: str) -> str:
        counted.hashes += 1
        return str(encode(self, password, salt))

    def counted_digest(*args: Any) -> bytes:
        counted.macs += 1
        return digest(*args)

    hash_of_nobody()
    monkeypatch.setattr(PreauArgon2, "verify", counted_verify)
    monkeypatch.setattr(PreauArgon2, "encode", counted_encode)
    monkeypatch.setattr(codes, "keyed_digest", counted_digest)
    yield counted


def test_every_failure_costs_one_argon2_one_hmac_and_the_same_statements(
    logins: dict[str, str], work: Work
) -> None:
    """T-A2: this is what gates; times are measured in the bench."""
    costs = {}
    for name, login in logins.items():
        work.hashes = work.macs = 0
        with CaptureQueriesContext(connection) as queries:
            sign_in(Client(), login, "faux")
        costs[name] = (work.hashes, work.macs, len(queries))
    assert set(costs.values()) == {(1, 1, costs["inconnu"][2])}, costs
    assert costs["inconnu"][2] == 2, costs


def test_a_sign_in_is_two_statements(logins: dict[str, str], work: Work) -> None:
    """One before its hash and one after it, the new session's row included."""
    client = Client()
    no_terms()
    make.make_account(person=make.make_person(school=make.make_school()), login="deux.mots")
    with CaptureQueriesContext(connection) as queries:
        assert sign_in(client, "deux.mots", make.PASSWORD).status_code == 303
    assert (work.hashes, len(queries)) == (1, 2), [query["sql"] for query in queries]
    assert client.get("/mon-compte/").status_code == 200


@pytest.mark.parametrize("closed", ["bloque", "contact"])
def test_a_right_password_of_a_closed_account_is_a_failure_like_another(
    closed: str, logins: dict[str, str]
) -> None:
    """T-A1: the owner is told to ask the school, whatever the reason."""
    right = sign_in(Client(), logins[closed], make.PASSWORD)
    assert masked(right) == masked(sign_in(Client(), logins["inconnu"], "faux"))


def test_a_code_of_a_blocked_account_opens_nothing() -> None:
    account, code = make_pending()
    type(account).objects.filter(pk=account.pk).update(state=AccountState.BLOCKED)
    assert sign_in(Client(), account.login, code).status_code == 200


def test_an_academic_account_has_no_local_secret_even_with_a_code_row() -> None:
    person = make.make_person(given_name="Ada", family_name="Prof", school=make.make_school())
    account = make.make_account(person=person, kind=AccountKind.ACADEMIC)
    code = give_code(account)
    assert sign_in(Client(), account.login, code).status_code == 200


@pytest.mark.parametrize("login", ["аdmin", "jo.connu\x00", "x" * 190, "%", "jo'--", "jo.connu\n"])
def test_what_cannot_be_a_login_is_an_unknown_login(login: str, logins: dict[str, str]) -> None:
    """T-I5 and hostile input: the same answer, never an error."""
    answer = sign_in(Client(), login, "faux")
    assert answer.status_code == 200


@pytest.mark.parametrize("login", ["аdmin", "JO.CONNU", "léa", "jo connu", "", "-jo"])
def test_an_account_cannot_be_created_with_a_look_alike(login: str) -> None:
    """T-I5: the database itself refuses anything but lower-case ASCII."""
    person = make.make_person(school=make.make_school())
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(person=person, login=login)


def typed(page: bytes) -> list[str]:
    """What the field of the login holds."""
    return [str(v) for v in tree_of(page).xpath("//*[@name='username']/@value")]


@pytest.mark.parametrize("login", ["Jo.Connu", "jo.personne", "prénom nom", '"><b>x'])
def test_a_wrong_password_keeps_the_login_and_never_the_password(
    login: str, logins: dict[str, str]
) -> None:
    """Nobody types it twice; what comes back is what was typed, whoever bears it."""
    page = sign_in(Client(), login, "un secret faux").content
    assert typed(page) == [login]
    assert b"un secret faux" not in page


def test_too_many_tries_and_a_stale_form_keep_the_login(logins: dict[str, str]) -> None:
    for _ in range(6):
        answer = sign_in(Client(), logins["connu"], "faux")
        ThrottleCounter.objects.update(tries=9)
    assert answer.status_code == 429
    assert typed(answer.content) == [logins["connu"]]
    strict = Client(enforce_csrf_checks=True)
    stale = sign_in(strict, logins["connu"], make.PASSWORD)
    assert stale.status_code == 403
    assert typed(stale.content) == [logins["connu"]]


@pytest.mark.parametrize("by", ["address", "cookie"])
@pytest.mark.parametrize("status", [200, 429])
def test_a_refusal_says_whom_to_call_in_the_school_one_comes_from(
    by: str, status: int, logins: dict[str, str]
) -> None:
    """The address' school, else the one this browser was in; never that of the account (T-A1)."""
    own = Account.objects.get(login=logins["connu"]).person.main_school
    assert own is not None
    type(own).objects.filter(pk=own.pk).update(name="Collège du compte", phone="03 99 99 99 99")
    school = make.make_school(name="Collège Colette", phone="03 83 00 00 01", email="ce@c.example")
    answers = {}
    for name in ("connu", "inconnu"):
        client = Client()
        query = f"?etablissement={school.uai}" if by == "address" else ""
        if by == "cookie":
            client.cookies["preau_etablissement"] = school.uai
        for _ in range(1 if status == 200 else 6):
            answer = sign_in(client, logins[name], "faux", query=query)
            if status == 429:
                ThrottleCounter.objects.update(tries=9)
        assert answer.status_code == status
        answers[name] = masked(answer)
        text = answer.content.decode()
        for expected in ("Collège Colette", "tel:0383000001", "ce@c.example"):
            assert expected in text
        assert "Collège du compte" not in text
        assert "03 99" not in text
    assert answers["connu"] == answers["inconnu"]


def test_a_refusal_without_any_school_says_where_to_find_one(logins: dict[str, str]) -> None:
    assert "Trouver sa page" in sign_in(Client(), logins["connu"], "faux").content.decode()
