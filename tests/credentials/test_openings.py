"""How many codes one person opens in a day, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import Account
from credentials.enums import OpeningState
from credentials.files.making import refuse_opening
from credentials.models import CodeOpening, CredentialFile
from directory.enums import Profile
from directory.models import Affiliation, Person
from ent.audit.models import AuditEvent
from ent.files.models import StoredFile
from messaging.mailbox.models import MailboxEntry
from tests import factories as make
from tests.cast import Cast
from tests.credentials.test_files import ask, made, make_pending

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person | None], Client]


def opened_by(person: Person, file: CredentialFile) -> str:
    """What the worker says when this person downloads the file."""
    assert file.csv_uuid is not None
    return refuse_opening(StoredFile.objects.get(uuid=file.csv_uuid), person.uuid)


def subjects_of(person: Person) -> list[str]:
    """What lies in somebody's mailbox."""
    entries = MailboxEntry.objects.filter(recipient=person)
    return list(entries.values_list("message__subject", flat=True))


def test_all_accounts_of_ones_schools_and_a_hundred_more_are_opened_in_a_day(cast: Cast) -> None:
    make_pending(cast.school_a, 3)
    people = Affiliation.objects.filter(school=cast.school_a).values("person")
    ceiling = Account.objects.filter(person__in=people).count() + 100
    files = [made(ask(cast.school_a, cast.manager_a)) for _ in range(3)]
    for file, codes in zip(files, (ceiling - 10, 10, 1), strict=True):
        CredentialFile.objects.filter(pk=file.pk).update(code_count=codes)
    assert [bool(opened_by(cast.manager_a, file)) for file in files] == [False, False, True]
    refusal = opened_by(cast.manager_a, files[2])
    assert f"{ceiling} codes" in refusal and "administrateur" in refusal
    assert opened_by(cast.manager_a, files[0]) == "", "what was opened today opens again"
    waiting = CodeOpening.objects.get(state=OpeningState.ASKED)
    assert (waiting.person, waiting.codes, waiting.school) == (cast.manager_a, 1, cast.school_a)


def test_the_ceiling_is_a_setting(cast: Cast, settings: Settings) -> None:
    settings.CODES_A_DAY = 2
    make_pending(cast.school_a, 3)
    file = made(ask(cast.school_a, cast.manager_a))
    assert "2" in opened_by(cast.manager_a, file)


def test_an_administrator_allows_what_waits_and_its_author_is_told(
    cast: Cast, client_of: SignIn, settings: Settings
) -> None:
    settings.CODES_A_DAY = 2
    make_pending(cast.school_a, 3)
    file = made(ask(cast.school_a, cast.manager_a))
    assert opened_by(cast.manager_a, file)
    browser = client_of(cast.ent_administrator)
    page = browser.get(reverse("credentials:openings")).content.decode()
    assert file.name in page and cast.manager_a.full_name in page
    opening = CodeOpening.objects.get()
    address = reverse("credentials:allow-opening", args=[opening.uuid])
    for words in ("Ouverture permise", "déjà permise"):
        assert words in browser.post(address, follow=True).content.decode()
    assert opened_by(cast.manager_a, file) == ""
    assert "Vous pouvez ouvrir votre fichier de codes" in subjects_of(cast.manager_a)
    assert AuditEvent.objects.filter(act="codes:opening:allowed").count() == 1


def test_nobody_allows_their_own_opening(cast: Cast, client_of: SignIn, settings: Settings) -> None:
    settings.CODES_A_DAY = 2
    make_pending(cast.school_a, 3)
    file = made(ask(cast.school_a, cast.ent_administrator))
    assert opened_by(cast.ent_administrator, file)
    opening = CodeOpening.objects.get()
    address = reverse("credentials:allow-opening", args=[opening.uuid])
    assert client_of(cast.ent_administrator).post(address).status_code == 404


def test_the_head_hears_once_a_day_of_codes_of_several_classes(cast: Cast) -> None:
    head = make.make_person(school=cast.school_a, profile=Profile.HEAD)
    make_pending(cast.school_a, 2)
    first, second = (made(ask(cast.school_a, cast.manager_a)) for _ in range(2))
    assert opened_by(cast.manager_a, first) == opened_by(cast.manager_a, second) == ""
    told = "Les codes de plusieurs classes ont été ouverts"
    assert subjects_of(head).count(told) == 1
    assert subjects_of(cast.ent_administrator).count(told) == 0


def test_a_head_is_not_told_of_what_they_did(cast: Cast) -> None:
    make_pending(cast.school_a, 2)
    assert opened_by(cast.head, made(ask(cast.school_a, cast.head))) == ""
    assert not MailboxEntry.objects.exists()
