"""What time does to the desk: files that have expired, passwords typed long ago."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from credentials.enums import FileOrigin
from credentials.files.services import request_files
from credentials.models import CredentialFile
from directory.models import Person
from ent.files.services import delete_expired_files
from ent.jobs.models import Job
from tests import factories as make
from tests.cast import Cast
from tests.credentials.test_files import make_pending, run_waiting_jobs

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


def test_reissuing_asks_for_the_password_again_and_comes_back_with_its_data(
    cast: Cast, client_of: SignIn
) -> None:
    """R-B9: more than 15 minutes after the sign-in, from the choice of the schools to the end."""
    make_pending(cast.school_a, 3)
    client = client_of(cast.manager_a)
    choice = f"?perimetre={cast.school_a.uai}&date={timezone.localdate()}"
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        to_confirm = client.get(f"{reverse('credentials:reissue')}{choice}")["Location"]
        asked = client.get(to_confirm)
        assert asked.status_code == 303
        assert urlsplit(asked["Location"]).path == reverse("accounts:confirm_password")
        back = client.post(asked["Location"], {"password": make.PASSWORD})
        assert back["Location"] == to_confirm
        page = client.get(back["Location"]).content.decode()
    assert "Remplacer 3 codes" in page
    assert f'value="{cast.school_a.uai}"' in page
    assert f'value="{timezone.localdate()}"' in page


def test_a_confirmation_posted_too_late_does_nothing_and_comes_back_to_its_page(
    cast: Cast, client_of: SignIn
) -> None:
    """R-B9: the perimeter stays in the address, so nothing has to be chosen again."""
    make_pending(cast.school_a, 2)
    client = client_of(cast.manager_a)
    confirm = reverse("credentials:confirm-reissue")
    address = f"{confirm}?perimetre={cast.school_a.uai}&date="
    data = {"perimetre": [cast.school_a.uai], "date": "", "nombre": "2"}
    assert 'action="' not in _form_of(client.get(address).content.decode())
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        late = client.post(address, data)
        [back] = parse_qs(urlsplit(late["Location"]).query)["next"]
        assert back.startswith(f"{address}&reprise=")
        assert not CredentialFile.objects.exists()
        client.post(late["Location"], {"password": make.PASSWORD})
        assert "Remplacer 2 codes" in client.get(address).content.decode()
        client.post(address, data)
    assert CredentialFile.objects.get().origin == FileOrigin.REISSUE


def test_whoever_may_not_reissue_is_refused_with_or_without_a_recent_proof(
    cast: Cast, client_of: SignIn
) -> None:
    """Nobody proves who they are to be told no (decision 0133)."""
    client = client_of(cast.teacher)
    page = reverse("credentials:confirm-reissue")
    assert client.get(page).status_code == 403
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        assert client.get(page).status_code == 403


def _form_of(page: str) -> str:
    """Return the start tag of the form that holds the number to type."""
    return next(tag for tag in page.split("<form")[1:] if "nombre" in tag).split(">")[0]
