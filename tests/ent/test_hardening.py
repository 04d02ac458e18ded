"""Parameters and headers that every page and every start hold to."""

import logging

import psycopg
import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.core.checks import run_checks
from django.db import IntegrityError
from django.test import Client
from pytest_django import Settings

from accounts.hashers import PreauArgon2
from ent.checks import check_password_hasher
from ent.logs import OneLineFormatter


class WeakArgon2(PreauArgon2):
    """Half the memory."""

    memory_cost = 9728


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
    settings.PASSWORD_HASHERS = [hasher, "accounts.hashers.PreauArgon2"]
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
