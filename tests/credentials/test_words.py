"""Mails and papers address people by names that are not shouted; the file keeps the feed's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from credentials.mailing.trials import example
from credentials.mailing.writing import frame, text_of
from credentials.slips.people import read_people
from directory.enums import Profile
from directory.models import Person
from tests import factories as make
from tests.cast import Cast
from tests.credentials.mailing import asked, family, sent, sink
from tests.credentials.test_rows import rows_of
from tests.kit.faulty_mail import FaultySink

__all__ = ["sink"]
pytestmark = pytest.mark.django_db
SignIn = Callable[[Person | None], Client]


def test_a_sheet_names_parent_and_child_as_people_write_them(cast: Cast) -> None:
    """« MADAME MONIQUE… » and « Parent de MANON… » stood on the paper."""
    child = make.make_person(given_name="JEAN-LOU", family_name="ACHARD", school=cast.school_a)
    make.put_in_group(person=child, group=cast.class_a)
    loose = make.make_person(given_name="ANNA", family_name="ACHARD", school=cast.school_a)
    account = family(cast.school_a, 1, given_name="MONIQUE", family_name="ACHARD")
    for pupil in (child, loose):
        make.make_child_of(guardian=account.person, pupil=pupil)
    (read,) = read_people([account.pk], school_id=cast.school_a.pk, now=timezone.now())
    assert read.name == "Monique ACHARD"
    assert read.children == ("Jean-Lou ACHARD (4E3)", "Anna ACHARD")


def test_a_mail_of_a_mailing_greets_by_name_and_says_how_long_one_has(
    cast: Cast, sink: FaultySink
) -> None:
    """R-E5: « À réception de ce message, vous disposez de 60 jours… »."""
    family(cast.school_a, 1, given_name="MONIQUE", family_name="ACHARD")
    sent(asked(cast.school_a, cast.manager_a))
    mail = sink.message_to("parent1@example.org")
    words = " ".join(mail.get_body(("plain",)).get_content().split())
    assert "Bonjour Monique ACHARD," in words
    assert "À réception de ce message, vous disposez de 60 jours pour choisir" in words


def test_the_preview_says_the_same(cast: Cast) -> None:
    account = family(cast.school_a, 1, given_name="MONIQUE", family_name="ACHARD")
    words = text_of(frame(school=cast.school_a, subject="Objet", text=""), example(account))
    assert "Bonjour Monique ACHARD," in words
    assert "À réception de ce message, vous disposez de 60\u00a0jours" in words


def test_the_screen_of_a_mailing_says_what_it_permits(cast: Cast, client_of: SignIn) -> None:
    """R-E5: « Cet écran permet d’envoyer… »."""
    client = client_of(cast.manager_a)
    for address in ("", "preparer/0541111A/"):
        page = client.get(f"/annuaire/administration/diffusion-des-identifiants/{address}")
        assert "Cet écran permet d’envoyer" in page.content.decode()


def test_the_file_of_a_school_keeps_the_words_of_the_feed(cast: Cast) -> None:
    """It is merged with other files of the same feed: « exports keep the feed's words »."""
    family(cast.school_a, 1, given_name="MONIQUE", profile=Profile.GUARDIAN)
    assert "MONIQUE" in {row["prenom"] for row in rows_of(cast.school_a)}
