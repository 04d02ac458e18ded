"""« Annuaire > Administration > Imports »: deposit, preview, confirmation, report."""

from __future__ import annotations

import io
import re
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.desk.blocking import block_account
from accounts.models import Account
from directory.enums import DeliveryState
from directory.imports.deposits.services import NotWaiting, abandon, ask_application
from directory.imports.deposits.services import deposit as keep
from directory.imports.runs.locks import authority_lock
from directory.imports.runs.state import ImportRun
from directory.models import Person
from directory.models.deliveries import Delivery as DeliveryRow
from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from ent.audit.origin import Origin
from ent.files.models import StoredFile
from ent.jobs.models import Job
from ent.jobs.running import run_job
from tests.cast import Cast
from tests.directory.imports.deliveries import Delivery, small_school
from tests.ent.test_files_uploads import on_disk

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[..., Client]


def archive(delivery: Delivery) -> SimpleUploadedFile:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in delivery.files().items():
            packed.writestr(name, data)
    return SimpleUploadedFile("ENT2DVA.20260901.zip", out.getvalue())


@pytest.fixture
def client(cast: Cast, client_of: SignIn) -> Client:
    """The ENT administrator's browser."""
    return client_of(cast.ent_administrator)


def deposit(client: Client, delivery: Delivery) -> DeliveryRow:
    """Deposit and let the worker make the preview."""
    answer = client.post(
        reverse("directory:import-deposit"),
        {"autorite": "NANCY-METZ", "fichiers": archive(delivery)},
    )
    assert answer.status_code == 302, answer.content.decode()
    return work()


def work() -> DeliveryRow:
    """Do the newest import job as the worker does."""
    job = Job.objects.of_kind("directory.import_aaf").latest("id")
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "succeeded", job.error
    return DeliveryRow.objects.get(uuid=job.params["delivery"])


def apply(client: Client, row: DeliveryRow, **data: str) -> None:
    client.post(reverse("directory:import-apply", args=[row.uuid]), data)


def test_a_delivery_is_deposited_previewed_applied_and_reported(client: Client) -> None:
    people = Person.objects.count()
    row = deposit(client, small_school())
    assert row.state == DeliveryState.PREVIEWED
    page = client.get(reverse("directory:import", args=[row.uuid])).content.decode()
    assert "Appliquer cette livraison" in page
    assert "Par établissement" in page
    assert Person.objects.count() == people
    apply(client, row)
    row = work()
    assert row.state == DeliveryState.APPLIED
    assert Person.objects.count() == people + 26
    page = client.get(reverse("directory:import", args=[row.uuid])).content.decode()
    assert "Livraison appliquée" in page
    assert not StoredFile.objects.filter(purpose="directory-import").exists()
    acts = list(AuditEvent.objects.order_by("id").values_list("act", flat=True))
    assert {Act.IMPORT_RECEIVED, Act.IMPORT_STARTED, Act.IMPORT_APPLIED} <= set(acts)


def test_held_departures_need_the_number_typed(client: Client, cast: Cast) -> None:
    delivery = small_school(pupils=30)
    row = deposit(client, delivery)
    apply(client, row)
    work()
    later = delivery.copy(date="20260902")
    for identifier in list(later.pupils)[:10]:
        del later.pupils[identifier]
    row = deposit(client, later)
    assert row.state == DeliveryState.HELD
    page = client.get(reverse("directory:import", args=[row.uuid])).content.decode()
    assert re.search(r"10\s*personnes", page.replace("&nbsp;", " "))
    jobs = Job.objects.count()
    answer = client.post(reverse("directory:import-apply", args=[row.uuid]), {"nombre": "9"})
    own_address = reverse("directory:import", args=[row.uuid])
    assert f'data-ent-posted="{own_address}"' in answer.content.decode()
    assert "Ce n’est pas le nombre annoncé" in answer.content.decode()
    assert Job.objects.count() == jobs
    apply(client, row, nombre="10")
    page = client.get(reverse("directory:import", args=[row.uuid])).content.decode()
    assert "Application en cours" in page
    assert "Retenue" not in page
    assert "avant de confirmer" not in page
    assert work().state == DeliveryState.APPLIED
    assert Person.objects.filter(left_at__isnull=False).count() == 10
    page = client.get(reverse("directory:import", args=[row.uuid])).content.decode()
    assert f"{cast.ent_administrator.full_name} a confirmé ces pertes d’accès le" in page
    assert "ont perdu leur accès" in page
    assert "avant de confirmer" not in page


def test_an_applied_delivery_shows_no_more_work_and_is_never_cancelled(client: Client) -> None:
    """Upkeep of the database goes on after the commit: neither shown nor to be cancelled."""
    row = deposit(client, small_school())
    apply(client, row)
    job = Job.objects.of_kind("directory.import_aaf").latest("id")
    seen = []

    def press_cancel(run: ImportRun | None) -> None:
        seen.append(client.get(reverse("directory:import", args=[row.uuid])).content.decode())
        client.post(reverse("jobs:cancel", args=[job.uuid]))
        assert run is not None
        time.sleep(0.3)
        run.progress("Entretien de la base", 0, 0)
        run.progress("Entretien de la base", 0, 0)

    with mock.patch("directory.imports.runs.sequence.vacuum", press_cancel):
        assert work().state == DeliveryState.APPLIED
    assert "Appliquée" in seen[0]
    assert "Annuler ce travail" not in seen[0]
    assert "éléments" not in seen[0]


def test_a_refused_delivery_says_why(client: Client) -> None:
    delivery = small_school()
    delivery.schools[0].academy = "BREST"
    row = deposit(client, delivery)
    assert row.state == DeliveryState.REFUSED
    page = client.get(reverse("directory:import", args=[row.uuid])).content.decode()
    assert "BREST" in page
    assert "Appliquer" not in page


def test_files_that_are_no_delivery_are_refused_at_the_form(client: Client) -> None:
    stored = StoredFile.objects.count()
    answer = client.post(
        reverse("directory:import-deposit"),
        {"autorite": "NANCY-METZ", "fichiers": SimpleUploadedFile("photo.png", b"png")},
    )
    assert "Aucun fichier AAF reconnu" in answer.content.decode()
    assert StoredFile.objects.count() == stored
    assert not DeliveryRow.objects.exists()


def test_an_abandoned_delivery_leaves_no_file(client: Client) -> None:
    row = deposit(client, small_school())
    client.post(reverse("directory:import-abandon", args=[row.uuid]))
    row.refresh_from_db()
    assert row.state == DeliveryState.ABANDONED
    assert not StoredFile.objects.filter(purpose="directory-import").exists()


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_anomalies_are_listed_and_downloaded(client: Client, file_format: str) -> None:
    row = deposit(client, small_school().pupil("7", guardians=["9999$10$1$1$0$1"]))
    page = client.get(reverse("directory:import-anomalies", args=[row.uuid])).content.decode()
    assert "absent de la livraison" in page
    answer = client.get(reverse("directory:import-anomalies-export", args=[row.uuid, file_format]))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    if file_format == "csv":
        assert "unknown_guardian" in answer.content.decode("utf-8-sig")


def test_the_ledger_shows_every_delivery_and_the_age_of_the_last(client: Client) -> None:
    row = deposit(client, small_school())
    apply(client, row)
    work()
    page = client.get(reverse("directory:imports")).content.decode()
    assert "fichiers du 1er septembre 2026 (il y a" in page
    assert "Appliquée" in page


def test_a_job_whose_asker_lost_the_right_writes_nothing(client: Client, cast: Cast) -> None:
    client.post(
        reverse("directory:import-deposit"),
        {"autorite": "NANCY-METZ", "fichiers": archive(small_school())},
    )
    cast.ent_administrator.role_grants.all().delete()
    job = Job.objects.of_kind("directory.import_aaf").latest("id")
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "droit" in job.error


def wait_until_somebody_waits() -> None:
    """Until another session waits for a row that this one holds."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
    pytest.fail("nobody waits")


@pytest.mark.parametrize("second", ["apply", "abandon"])
def test_of_two_operators_only_the_first_decides(client: Client, cast: Cast, second: str) -> None:
    """One applies; the other, who saw the same page, is told that it is taken."""
    row = deposit(client, small_school())
    actor = cast.ent_administrator.uuid
    refused: list[NotWaiting] = []

    def decide() -> None:
        try:
            if second == "apply":
                ask_application(delivery=row, actor=actor, token="", origin=Origin())
            else:
                abandon(delivery=row, actor=actor, origin=Origin())
        except NotWaiting as error:
            refused.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=decide)
    with transaction.atomic():
        ask_application(delivery=row, actor=actor, token="", origin=Origin())
        other.start()
        wait_until_somebody_waits()
    other.join(30)
    assert len(refused) == 1
    assert Job.objects.of_kind("directory.import_aaf").count() == 2
    assert work().state == DeliveryState.APPLIED


def test_the_second_of_two_clicks_says_what_the_first_has_done(client: Client) -> None:
    row = deposit(client, small_school())
    address = reverse("directory:import-apply", args=[row.uuid])
    for words in ("L’import est lancé.", "Vous avez déjà lancé cet import"):
        answer = client.post(address, follow=True)
        assert answer.redirect_chain == [(reverse("directory:import", args=[row.uuid]), 302)]
        assert words in answer.content.decode()
    work()
    assert "il est fait" in client.post(address, follow=True).content.decode()


def test_a_delivery_abandoned_twice_leads_to_the_list(client: Client) -> None:
    row = deposit(client, small_school())
    for _ in range(2):
        address = reverse("directory:import-abandon", args=[row.uuid])
        answer = client.post(address, follow=True)
        assert answer.redirect_chain == [(reverse("directory:imports"), 302)]
        assert "est abandonnée" in answer.content.decode()


def test_a_decision_that_comes_late_says_so(client: Client, cast: Cast) -> None:
    row = deposit(client, small_school())
    apply(client, row)
    Job.objects.update(actor=cast.helpdesk.uuid)
    for name in ("import-apply", "import-abandon", "import-restart"):
        answer = client.post(reverse(f"directory:{name}", args=[row.uuid]), follow=True)
        assert "n’attend plus de décision" in answer.content.decode()
    Job.objects.update(actor=cast.ent_administrator.uuid)
    assert work().state == DeliveryState.APPLIED
    assert AuditEvent.objects.filter(act=Act.IMPORT_STARTED).count() == 1


def test_a_preview_that_failed_is_started_again(client: Client) -> None:
    client.post(
        reverse("directory:import-deposit"),
        {"autorite": "NANCY-METZ", "fichiers": archive(small_school())},
    )
    row = DeliveryRow.objects.get()
    job = Job.objects.of_kind("directory.import_aaf").latest("id")
    with authority_lock(row.authority_id):
        run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    address = reverse("directory:import", args=[row.uuid])
    page = client.get(address).content.decode()
    assert "Un autre import de cette autorité est en cours" in page
    assert "Relancer" in page
    assert "Appliquer" not in page
    client.post(reverse("directory:import-restart", args=[row.uuid]))
    assert work().state == DeliveryState.PREVIEWED
    page = client.get(address).content.decode()
    assert "Appliquer cette livraison" in page
    assert "Relancer" not in page


def test_an_application_that_failed_is_previewed_again_and_can_be_abandoned(
    client: Client,
) -> None:
    row = deposit(client, small_school())
    apply(client, row)
    job = Job.objects.of_kind("directory.import_aaf").latest("id")
    with mock.patch("directory.imports.runs.sequence.apply_with_retries", side_effect=OSError):
        for _ in range(job.max_attempts):
            run_job(job.pk)
    row.refresh_from_db()
    assert row.state == DeliveryState.RECEIVED
    client.post(reverse("directory:import-restart", args=[row.uuid]))
    assert work().state == DeliveryState.PREVIEWED
    client.post(reverse("directory:import-abandon", args=[row.uuid]))
    assert not StoredFile.objects.filter(purpose="directory-import").exists()


@pytest.mark.parametrize("ending", ["blocked", "gone"])
def test_a_job_whose_asker_is_blocked_or_gone_writes_nothing(
    client: Client, cast: Cast, ending: str
) -> None:
    row = deposit(client, small_school())
    apply(client, row)
    if ending == "blocked":
        account = Account.objects.get(person=cast.ent_administrator)
        block_account(account=account, actor=cast.head.uuid, origin=Origin())
    else:
        Person.objects.filter(pk=cast.ent_administrator.pk).update(left_at=timezone.now())
    people = Person.objects.count()
    job = Job.objects.of_kind("directory.import_aaf").latest("id")
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert Person.objects.count() == people


def test_a_large_deposit_never_lies_in_clear_in_the_temporary_folder(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    """T-M1: the names of a delivery are children's; the folder is watched while it is kept."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    delivery = small_school(1500)
    [pupils] = [data for name, data in delivery.files().items() if "_Eleve_" in name]
    assert len(pupils) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    files = [SimpleUploadedFile(name, data) for name, data in delivery.files().items()]
    seen: list[bytes] = []

    def watch(**kept: Any) -> DeliveryRow:
        seen.extend(on_disk(tmp_path))
        return keep(**kept)

    with mock.patch("directory.imports.desk.views.deposit", watch):
        client.post(
            reverse("directory:import-deposit"), {"autorite": "NANCY-METZ", "fichiers": files}
        )
    assert sum(map(len, seen)) > len(pupils)
    assert not [data for data in seen if b"NOM1" in data or b"Eleve" in data]
    assert on_disk(tmp_path) == []
    assert work().counters["by_category"]["Eleve"]["created"] == 1500
