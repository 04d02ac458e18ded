"""No secret in any trace: logs at DEBUG, error reports, pages, tables (T-M1, T-M2)."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import get_hasher
from django.core.signals import got_request_exception
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.utils.module_loading import import_string
from pytest_django import Settings

from ent.logging.lines import OneLineFormatter
from signin import devices
from tests.accounts.signing import GOOD_PASSWORD, make_pending, sign_in
from tests.kit import canaries

pytestmark = pytest.mark.django_db

WRONG = "canari faux mot de passe"
SECOND = "canari second mot de passe"
HIDDEN_TOKEN = "canari-jeton-dans-une-adresse"


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """Every logger at DEBUG, SQL statements with their parameters included, as it is written."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(OneLineFormatter())
    names = [name for name in logging.root.manager.loggerDict if name != "django.db.backends"]
    loggers = [logging.root, *(logging.getLogger(name) for name in names)]
    sql = logging.getLogger("django.db.backends")
    levels = {logger: logger.level for logger in [*loggers, sql]}
    for logger in levels:
        logger.setLevel(logging.DEBUG)
    logging.root.addHandler(handler)
    connection.force_debug_cursor = True
    yield written
    connection.force_debug_cursor = False
    logging.root.removeHandler(handler)
    for logger, level in levels.items():
        logger.setLevel(level)


def play(client: Client, login: str, code: str) -> list[str]:
    """The whole scenario; return what must be nowhere but in the browser."""
    sign_in(client, login, WRONG)
    sign_in(client, login, code)
    form = {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD}
    client.post("/premiers-pas/mot-de-passe/", form)
    client.post("/premiers-pas/conditions/", {"accepted": "on"})
    change = {"current_password": GOOD_PASSWORD, "new_password": SECOND, "confirmation": SECOND}
    client.post("/mon-compte/mot-de-passe/", change)
    client.post("/mon-compte/confirmer/", {"password": SECOND})
    client.get("/accueil/")
    seen = [
        client.cookies[name].value
        for name in (
            django_settings.SESSION_COOKIE_NAME,
            django_settings.CSRF_COOKIE_NAME,
            devices.COOKIE_NAME,
        )
    ]
    client.post("/deconnexion/")
    return [WRONG, GOOD_PASSWORD, SECOND, code, code.replace("-", ""), *seen]


def test_the_whole_scenario_leaves_no_secret_in_the_logs(everything_logged: io.StringIO) -> None:
    """T-M1, at DEBUG with SQL."""
    account, code = make_pending()
    values = play(Client(), account.login, code)
    text = everything_logged.getvalue()
    assert "INSERT INTO" in text
    for value in values:
        assert len(value) >= 12
        assert value not in text
        assert repr(value)[1:-1] not in text


def test_the_whole_scenario_leaves_no_secret_in_the_tables() -> None:
    """T-M1: what a dump would hold."""
    account, code = make_pending()
    values = play(Client(), account.login, code)
    sign_in(client := Client(), account.login, SECOND)
    values += [client.cookies[django_settings.SESSION_COOKIE_NAME].value]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            text = "\n".join(row[0] for row in cursor.fetchall())
            for value in values:
                for spelling in (value, value.encode().hex()):
                    assert spelling not in text, table


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("path", ["sign-in", "choice", "change"])
def test_an_exception_reports_no_secret(
    path: str, debug: bool, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-M1: the report that a mail or a screen would show, with DEBUG or without."""
    account, code = make_pending()
    client = Client()
    if path != "sign-in":
        sign_in(client, account.login, code)
    form = {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD}
    if path == "change":
        client.post("/premiers-pas/mot-de-passe/", form)
        client.post("/premiers-pas/conditions/", {"accepted": "on"})
    canaries.watch(WRONG, SECOND, GOOD_PASSWORD, HIDDEN_TOKEN)
    settings.DEBUG = debug
    reports: list[str] = []

    def report(sender: object, request: HttpRequest, **kwargs: object) -> None:
        reporter = import_string(settings.DEFAULT_EXCEPTION_REPORTER)(request, *sys.exc_info())
        reports.extend([reporter.get_traceback_html(), reporter.get_traceback_text()])

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("a fault in the middle")

    hasher = type(get_hasher("default"))
    monkeypatch.setattr(hasher, "verify" if path == "sign-in" else "encode", fail)
    got_request_exception.connect(report)
    try:
        with pytest.raises(RuntimeError):
            if path == "sign-in":
                sign_in(client, account.login, WRONG, query=f"?jeton={HIDDEN_TOKEN}")
            elif path == "choice":
                client.post("/premiers-pas/mot-de-passe/", form)
            else:
                change = {"new_password": SECOND, "confirmation": SECOND}
                change["current_password"] = GOOD_PASSWORD
                client.post("/mon-compte/mot-de-passe/", change)
    finally:
        got_request_exception.disconnect(report)
    values = [WRONG, GOOD_PASSWORD, SECOND, code, HIDDEN_TOKEN]
    values += [morsel.value for morsel in client.cookies.values() if morsel.value]
    assert len(reports) == 2
    for text in reports:
        assert "a fault in the middle" in text
        for value in values:
            assert value not in text


def test_a_hostile_login_is_one_line_of_the_log(
    everything_logged: io.StringIO, client: Client
) -> None:
    """T-M2, through the door itself."""
    hostile = "dupont\r\n2026-01-01 INFO faux: Connexion réussie\x1b[31m\u2028\x85 fin"
    sign_in(client, hostile, WRONG)
    client.get("/connexion/?etablissement=%0d%0afaux%1b[31m")
    client.get("/rien%0d%0a2026-01-01%20INFO%20faux/")
    for line in everything_logged.getvalue().splitlines():
        assert not line.startswith("2026-01-01")
        assert not any(sign in line for sign in "\x1b\x85\u2028")
