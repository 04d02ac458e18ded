"""What time does to the desk: files that have expired, passwords typed long ago."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from credentials.enums import FileOrigin
from credentials.models import CredentialFile
from credentials.services.files import request_files
from directory.models import Person
from ent.files.services import delete_expired_files
from ent.jobs.models import Job
from tests.cast import Cast
from tests.credentials.test_files import run_waiting_jobs

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person | None], Client]
FILES = "/annuaire/administration/fichiers-des-identifiants/"
MONTH = timedelta(days=30)


def make_file(cast: Cast, since: date | None = None) -> CredentialFile:
    """A ready file of school A."""
    (file,) = request_files(
        schools=[cast.school_a],
        since=since,
        origin=FileOrigin.REGENERATION,
        actor=cast.manager_a,
    )
    run_waiting_jobs()
    file.refresh_from_db()
    return file


@pytest.mark.parametrize("is_swept", [False, True])
def test_an_expired_file_offers_to_be_made_again_and_not_to_be_downloaded(
    cast: Cast, client_of: SignIn, is_swept: bool
) -> None:
    """R-E1: thirty days later, before the sweep that deletes the bytes and after it."""
    today = timezone.localdate()
    file = make_file(cast, since=today)
    until = timezone.now() + MONTH
    with time_machine.travel(until - timedelta(minutes=1), tick=False):
        page = client_of(cast.manager_a).get(FILES).content.decode()
        assert "Effacé après" not in page.split("Qui est dans ces fichiers")[0]
        assert reverse("credentials:download", args=[file.uuid, "csv"]) in page
    with time_machine.travel(until + timedelta(minutes=1), tick=False):
        if is_swept:
            delete_expired_files()
        client = client_of(cast.manager_a)
        page = client.get(FILES).content.decode()
        assert "Effacé après 30\u00a0jours" in page
        assert "/csv/" not in page
        assert "/xlsx/" not in page
        again = (
            f"{reverse('credentials:regenerate')}?perimetre={cast.school_a.uai}&amp;date={today}"
        )
        assert again in page
        form = client.get(again.replace("&amp;", "&")).content.decode()
        assert f'value="{today}"' in form
        assert f'value="{cast.school_a.uai}"' in form


def test_a_download_from_a_page_left_open_says_what_became_of_the_file(
    cast: Cast, client_of: SignIn
) -> None:
    """The buttons of a page opened yesterday lead to a sentence, not to a 404."""
    file = make_file(cast)
    with time_machine.travel(timezone.now() + MONTH + timedelta(minutes=1), tick=False):
        client = client_of(cast.manager_a)
        address = reverse("credentials:download", args=[file.uuid, "csv"])
        page = client.post(address, follow=True).content.decode()
    assert "effacé après 30\u00a0jours. Régénérez-le" in page
    assert not Job.objects.filter(kind="files.hand_over").exists()


def test_expired_files_cost_the_list_no_query_of_their_own(cast: Cast, client_of: SignIn) -> None:
    """House rule 16: what is stored is asked for once a page."""

    def queries() -> int:
        with time_machine.travel(later, tick=False):
            client = client_of(cast.manager_a)
            client.get(FILES)
            with CaptureQueriesContext(connection) as captured:
                client.get(FILES)
        return len(captured)

    later = timezone.now() + MONTH + timedelta(hours=1)
    make_file(cast)
    few = queries()
    for _ in range(3):
        make_file(cast)
    assert queries() == few
