"""Activation codes: drawn evenly, read however typed, recognised only where they belong."""

import uuid
from collections import Counter

import pytest

from ent.sealing.hashing import keyed_digest
from ent.sealing.keys import Key
from signin.one_time_codes import (
    ALPHABET,
    CODE_LENGTH,
    display,
    generate_code,
    generate_codes,
    matches,
    normalise,
    verifier,
    verifiers,
)


def test_codes_are_drawn_in_the_number_asked_and_never_alike() -> None:
    codes = list(generate_codes(20_000))

    assert len(codes) == len(set(codes)) == 20_000
    assert all(len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) for code in codes)
    assert list(generate_codes(0)) == []


def test_no_symbol_is_favoured_and_look_alikes_are_absent() -> None:
    """Chi-square over 240,000 symbols: 31 symbols, 30 degrees of freedom, p < 10⁻⁶ above 85."""
    counts = Counter("".join(generate_codes(20_000)))
    expected = 20_000 * CODE_LENGTH / len(ALPHABET)

    assert set(counts) == set(ALPHABET)
    assert not set("ilo01") & set(ALPHABET)
    assert sum((counts[s] - expected) ** 2 / expected for s in ALPHABET) < 85


@pytest.mark.parametrize(
    "typed",
    [
        "k7qp-m3xr-9t4v",
        "K7QPM3XR9T4V",
        " k7qp m3xr 9t4v ",
        "k7qp‑m3xr–9t4v",
        "k7qp\u00a0m3xr\u202f9t4v",
        "ｋ７ｑｐｍ３ｘｒ９ｔ４ｖ",
        "k7qp\tm3xr\n9t4v",
    ],
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert normalise(typed) == "k7qpm3xr9t4v"


@pytest.mark.parametrize(
    "typed",
    ["", "k7qp-m3xr-9t4", "k7qp-m3xr-9t4v2", "k7qp-m3xr-9t4o", "k7qp'm3xr'9t4v", "k" * 10_000],
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert normalise(typed) == ""


def test_a_code_is_shown_in_three_groups() -> None:
    assert display("k7qpm3xr9t4v") == "k7qp-m3xr-9t4v"
    assert normalise(display(code := generate_code())) == code


def test_a_code_matches_its_account_and_generation_only() -> None:
    account, code = uuid.uuid4(), generate_code()
    stored = verifier(code, account, 2)

    assert matches(stored, display(code).upper(), account, 2)
    assert not matches(stored, generate_code(), account, 2)
    assert not matches(stored, code, uuid.uuid4(), 2)
    assert not matches(stored, code, account, 1)
    assert not matches(stored, "", account, 2)


def test_without_a_stored_code_nothing_matches() -> None:
    assert not matches(None, generate_code(), uuid.uuid4(), 1)
    assert not matches(None, generate_code(), None, 0)
    assert not matches(b"\0" * 36, "", None, 0)


def test_a_verifier_of_a_retired_key_matches_nothing_and_raises_nothing() -> None:
    account, code = uuid.uuid4(), generate_code()
    stored = b"\xff\xff\xff\xff" + verifier(code, account, 1)[4:]

    assert not matches(stored, code, account, 1)


def test_verifiers_in_bulk_are_the_same_as_one_by_one() -> None:
    rows = [(generate_code(), uuid.uuid4(), n) for n in range(20)]

    assert list(verifiers(rows)) == [verifier(*row) for row in rows]


def test_every_failure_costs_one_hmac(monkeypatch: pytest.MonkeyPatch) -> None:
    """T-A2: without account, without code, wrong code, right code: the same work."""
    calls: list[int] = []

    def counted(key: Key, message: bytes) -> bytes:
        calls.append(len(message))
        return keyed_digest(key, message)

    account, code = uuid.uuid4(), generate_code()
    stored = verifier(code, account, 1)
    monkeypatch.setattr("signin.one_time_codes.keyed_digest", counted)
    attempts: list[tuple[bytes | None, str, uuid.UUID | None, int]] = [
        (None, code, None, 0),
        (None, code, account, 0),
        (stored, generate_code(), account, 1),
        (stored, code, account, 1),
    ]
    for arguments in attempts:
        calls.clear()
        matches(*arguments)
        assert len(calls) == 1
