"""Only our own proxies are believed about where a request comes from (T-A11)."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from ent.web.client_address import address_group, client_address


def address(**headers: str) -> str:
    return client_address(RequestFactory().get("/", **headers))  # type: ignore[arg-type]


def test_without_proxy_what_a_visitor_writes_is_ignored(settings: Settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 0
    seen = address(
        REMOTE_ADDR="203.0.113.9",
        HTTP_X_FORWARDED_FOR="10.0.0.1",
        HTTP_FORWARDED="for=10.0.0.2",
        HTTP_X_REAL_IP="10.0.0.3",
    )
    assert seen == "203.0.113.9"


@pytest.mark.parametrize(
    ("count", "forwarded", "expected"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1,evil,203.0.113.9", "203.0.113.9"),
        (2, "10.0.0.1, 203.0.113.9, 198.51.100.2", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "not an address", "127.0.0.1"),
        (1, "[2001:db8::7]", "2001:db8::7"),
    ],
)
def test_as_many_hops_as_we_have_proxies_are_read_from_the_right(
    count: int, forwarded: str, expected: str, settings: Settings
) -> None:
    settings.TRUSTED_PROXY_COUNT = count
    seen = address(
        REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded, HTTP_FORWARDED="for=10.0.0.2"
    )
    assert seen == expected


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "192.0.2.1", True),
    ],
)
def test_ipv6_is_counted_by_its_64(one: str, other: str, is_same: bool) -> None:
    assert (address_group(one) == address_group(other)) is is_same


def test_an_ipv4_address_is_one_address_however_it_is_written() -> None:
    assert address(REMOTE_ADDR="::ffff:192.0.2.1") == "192.0.2.1"
    assert address_group("") == ""
