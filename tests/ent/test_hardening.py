"""Parameters and headers that every page and every start hold to."""

import logging
from dataclasses import asdict

import psycopg
import pytest
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.core.checks import run_checks
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from ent.deployment.checks import check_password_hasher
from ent.logging.lines import OneLineFormatter
from ent.web.headers import PolicyMiddleware
from signin.passwords.hashers import PreauArgon2


class WeakArgon2(PreauArgon2):
    """Half the memory."""

    memory_cost = 9728


@pytest.mark.parametrize("password", ["", "un banc", "é" * 128, "a\x00b", "x" * 256])
def test_libsodium_agrees_with_djangos_hasher(password: str) -> None:
    """One function, two libraries: what one made the other opens, and nothing else does."""
    hasher, django_hasher = PreauArgon2(), Argon2PasswordHasher()
    encoded = make_password(password)
    assert hasher.verify(password, encoded)
    assert django_hasher.verify(password, encoded)
    assert not hasher.verify(password + "x", encoded)
    assert not hasher.verify(password, encoded[:-1] + ("A" if encoded[-1] != "A" else "B"))
    assert not hasher.verify(password, encoded[:-8])


@pytest.mark.parametrize("parameters", [(102_400, 2, 8), (19_456, 3, 1), (9_728, 2, 1)])
def test_a_hash_of_other_parameters_opens_too(parameters: tuple[int, int, int]) -> None:
    class Other(Argon2PasswordHasher):
        memory_cost, time_cost, parallelism = parameters

    encoded = Other().encode("un banc", "un sel de seize.")
    assert PreauArgon2().verify("un banc", encoded)
    assert not PreauArgon2().verify("un bond", encoded)


def test_passwords_are_argon2id_with_our_parameters() -> None:
    """T-L1: m=19456 KiB, t=2, p=1, asserted at start."""
    assert make_password("un mot de passe").startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password_hasher(None) == []


@pytest.mark.parametrize(
    "hasher",
    [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "tests.ent.test_hardening.WeakArgon2",
    ],
)
def test_a_start_with_a_weaker_hasher_is_refused(settings: Settings, hasher: str) -> None:
    """T-L1: the check is an error, which stops every command and the server."""
    settings.PASSWORD_HASHERS = [hasher, "signin.passwords.hashers.PreauArgon2"]
    assert {problem.id for problem in run_checks(tags=["security"])} & {"ent.E001", "ent.E002"}


def test_an_older_hash_is_made_again_at_sign_in() -> None:
    """T-L1: PBKDF2 stays readable, and is replaced."""
    old = make_password("un mot de passe", hasher="pbkdf2_sha256")
    renewed: list[str] = []
    assert check_password("un mot de passe", old, setter=renewed.append)
    assert renewed == ["un mot de passe"]


def test_a_log_record_is_one_line_whatever_a_visitor_typed() -> None:
    """T-M2: line ends, ANSI sequences and Unicode separators are escaped."""
    typed = "dupont\r\n2026-01-01 INFO faux\x1b[31m\u2028\x85\x00\u202e"
    record = logging.LogRecord("test", logging.INFO, __file__, 1, "login %s", (typed,), None)
    line = OneLineFormatter().format(record)
    assert line.splitlines() == [line]
    assert not any(sign in line for sign in "\r\n\x1b\u2028\x85\x00\u202e")
    assert "dupont\\r\\n2026" in line


def test_a_log_never_quotes_the_row_that_the_database_refused() -> None:
    """T-M1: PostgreSQL's detail says « Failing row contains (…) », names and all."""
    row = "DETAIL: Failing row contains (Lina, Abadie)"
    try:
        try:
            raise psycopg.errors.CheckViolation(row)
        except psycopg.Error as error:
            raise IntegrityError(str(error)) from error
    except IntegrityError as error:
        fault = (type(error), error, error.__traceback__)
    record = logging.LogRecord("test", logging.ERROR, __file__, 1, "failed", None, fault)
    line = OneLineFormatter().format(record)
    assert "Abadie" not in line
    assert "IntegrityError" in line
    assert "CheckViolation" in line
    assert "test_hardening.py" in line


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/sante/", "/rien-de-tel/", "/operateurs/"])
def test_every_answer_carries_the_security_headers(client: Client, path: str) -> None:
    """T-B8, as far as plain http goes."""
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_a_plain_answer_has_the_policy_that_django_csp_makes(client: Client) -> None:
    """It is put together once; an answer with a script of its own has its own."""
    parts = CSPMiddleware(HttpResponse).get_policy_parts(
        request=HttpRequest(), response=HttpResponse()
    )
    expected = build_policy(**asdict(parts))
    for path in ("/sante/", "/connexion/rien-de-tel/", "/accueil/"):
        assert client.get(path).headers["Content-Security-Policy"] == expected


def test_an_answer_that_asks_for_another_policy_gets_it() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        str(request.csp_nonce)  # type: ignore[attr-defined]
        return HttpResponse()

    def updated(request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        response._csp_update = {"form-action": ["https://app.example.fr"]}  # type: ignore[attr-defined]
        return response

    def exempt(request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        response._csp_exempt = True  # type: ignore[attr-defined]
        return response

    policies = []
    for answer in (view, updated, exempt):
        response = PolicyMiddleware(answer)(RequestFactory().get("/"))
        assert isinstance(response, HttpResponse)
        policies.append(response.headers.get("Content-Security-Policy"))
    assert "'nonce-" in str(policies[0])
    assert "https://app.example.fr" in str(policies[1])
    assert policies[2] is None
