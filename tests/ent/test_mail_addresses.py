"""Which addresses a mail may go to: one definition, which statements of SQL follow."""

from __future__ import annotations

import random

import pytest
from django.db import connection

from ent.mail.addresses import LONGEST_PLAIN, PLAIN, is_usable, usable_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("awa@example.org", "awa@example.org"),
        ("mailto:awa@example.org", "awa@example.org"),
        ("MAILTO: awa@example.org", "awa@example.org"),
        ("mailto:awa@example.org?subject=Bonjour", "awa@example.org"),
        ("<awa@example.org>", "awa@example.org"),
        ("Awa Diop <awa@example.org>", "awa@example.org"),
        ("<mailto:awa@example.org>", "awa@example.org"),
        ("mailto:<awa@example.org>", "awa@example.org"),
        ("  awa@example.org\u00a0", "awa@example.org"),
        ("\u200bawa@example.org\ufeff", "awa@example.org"),
        ("awa@example.org\n", "awa@example.org"),
        ("o'brien+ent@sub.example.org", "o'brien+ent@sub.example.org"),
        ("mairie@exämple.org", "mairie@exämple.org"),
        ("élève@example.org", ""),
        ("andré@example.org", ""),
        ("\u212aarl@example.org", ""),  # the Kelvin sign, which case folding takes for a K
        ("", ""),
        ("   ", ""),
        ("pas une adresse", ""),
        ("root@localhost", ""),
        ("awa@[192.0.2.1]", ""),
        ("awa@192.0.2.1", ""),
        ("awa@example", ""),
        ("awa@example.o", ""),
        ("awa@-example.org", ""),
        ("awa@exam_ple.org", ""),
        ("awa@example..org", ""),
        ("awa.@example.org", ""),
        (".awa@example.org", ""),
        ("awa diop@example.org", ""),
        ("awa@exam ple.org", ""),
        ("a@example.org, b@example.org", ""),
        ("a@example.org;b@example.org", ""),
        ("<a@example.org> <b@example.org>", ""),
        ("awa@@example.org", ""),
        (f"awa@{'é' * 63}.org", ""),
        ("awa@é..org", ""),
        ("awa@ex\u2028mple.org", ""),
        (f"awa@{'a' * 64}.org", ""),
        (f"{'x' * 240}@example.org", f"{'x' * 240}@example.org"),
        (f"{'x' * 243}@example.org", ""),
        ("awa\x00@example.org", ""),
        ("awa@example.org\r\nBcc: tous@example.org", ""),
    ],
)
def test_what_surrounds_an_address_is_taken_off_and_nothing_else_is_one(
    text: str, address: str
) -> None:
    assert usable_address(text) == address
    assert usable_address(address) == address
    assert is_usable(text) is (text == address != "")


@pytest.mark.django_db
def test_what_a_statement_knows_to_be_plain_is_usable_as_it_stands() -> None:
    """Of many texts made of pieces of addresses: PostgreSQL never says yes where Python says no."""
    chance = random.Random(13)
    pieces = ["a", "Zo", "9", ".", "-", "--", "_", "+", "@", "é", " ", "org", "example", "\n", "<"]
    texts = ["awa.diop@example.org", f"awa@{'a' * 64}.org", "a@b.fr\n"]
    for _ in range(4_000):
        chosen = chance.choices(pieces, k=chance.randrange(3, 9))
        texts.append("".join(chosen))
        texts.append(f"{''.join(chosen[:4])}@{''.join(chosen[4:])}.org")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT text FROM unnest(%s::text[]) AS tried(text)"
            " WHERE text ~ %s AND length(text) <= %s",
            [texts, PLAIN, LONGEST_PLAIN],
        )
        plain = [text for (text,) in cursor.fetchall()]
    assert len(set(plain)) > 30
    assert [text for text in plain if usable_address(text) != text] == []
