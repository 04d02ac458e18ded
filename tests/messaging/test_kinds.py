"""Kinds of messages: declared in one place, kept in the database by their code."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError
from django.utils import timezone

from directory.models import Person
from messaging.kinds import (
    NOTICE,
    PERSONAL,
    REPORT,
    codes_never_held_back,
    declare_kind,
    kind_of,
)
from messaging.models import Message
from messaging.notices.sending import notify_owner, send_message
from tests.cast import Cast
from tests.messaging.jobs import run_jobs


def a_message(code: str) -> Message:
    """A message of the kind that has this code, saved."""
    return Message.objects.create(
        kind=code, subject="x", body="x", expires_at=timezone.now() + timedelta(days=1)
    )


def test_a_code_leads_to_its_kind() -> None:
    assert [kind_of(kind.code) for kind in (REPORT, NOTICE, PERSONAL)] == [REPORT, NOTICE, PERSONAL]
    assert codes_never_held_back() == ["avis"]


def test_two_kinds_of_one_code_and_a_wrong_placeholder_are_errors() -> None:
    with pytest.raises(ValueError, match="avis"):
        declare_kind("avis", label="Autre", is_held_back=False, mail=NOTICE.mail)
    wrong = replace(NOTICE.mail, subject="{objet}")
    with pytest.raises(KeyError):
        declare_kind("autre", label="Autre", is_held_back=False, mail=wrong)
    assert kind_of("autre") == REPORT


@pytest.mark.django_db
def test_a_new_code_needs_no_migration_and_one_that_is_gone_reads_as_a_report() -> None:
    assert a_message("rendez-vous").kind_label == "Bilan"


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["", "Avis", "avis!", "-avis", "avis\n"])
def test_what_is_no_code_is_refused_by_the_database(code: str) -> None:
    with pytest.raises(IntegrityError, match="message_kind_format"):
        a_message(code)


@pytest.mark.django_db
def test_braces_of_a_text_are_not_read_as_placeholders(cast: Cast) -> None:
    Person.objects.filter(pk=cast.parent.pk).update(email="claire@example.org")
    notify_owner(person=cast.parent, subject="{body} et {objet}", body="{subject}")
    run_jobs()
    (sent,) = mail.outbox
    assert sent.subject == "{body} et {objet}"
    assert "{subject}" in sent.body


@pytest.mark.django_db
def test_a_message_of_a_given_kind_keeps_its_code(cast: Cast) -> None:
    message = send_message(PERSONAL, to=cast.parent, subject="Bonjour", body="x")
    assert Message.objects.get(pk=message.pk).kind_label == "Message"
