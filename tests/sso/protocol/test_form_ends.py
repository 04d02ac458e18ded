"""A right password leads on, wherever the service goes next (issue 13, decision 0042)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client

from directory.models import Person
from tests.sso.kit import APP, Browser, make_service
from tests.sso.protocol.test_sign_in import FORM
from tests.sso.realm_kits import RealmKit

BrowserOf = Callable[[Person | None], Browser]
HEADER = "Content-Security-Policy"


@pytest.mark.parametrize(
    "address",
    ["https://app.example.fr/entree", "http://[2001:db8::7]:8080/entree", "http://10.0.0.7/"],
)
def test_the_form_says_nothing_of_where_it_may_end(
    address: str, pupil: Person, realm: RealmKit
) -> None:
    make_service(address)
    page = Client().get(f"/cas/login?service={quote(address, safe='')}&{realm.in_place}")
    assert "form-action" not in page.headers[HEADER]
    assert "frame-ancestors 'none'" in page.headers[HEADER]


def test_neither_does_the_page_of_a_refused_password(pupil: Person, realm: RealmKit) -> None:
    make_service()
    path = f"/cas/login?service={APP}&{realm.in_place}"
    answer = Client().post(path, {**FORM, "password": "mauvais"})
    assert "form-action" not in answer.headers[HEADER]


def test_neither_do_the_page_of_warn_and_the_form_of_method_post(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    browser = browser_of(pupil)
    assert "form-action" not in browser.login(method="POST").headers[HEADER]
    warned = browser.login(warn="true")
    assert warned.status_code == 200
    assert "form-action" not in warned.headers[HEADER]
