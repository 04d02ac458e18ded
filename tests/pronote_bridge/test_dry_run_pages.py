"""The pages of « Rapprochement à blanc »: deposit, numbers, lines, columns, pairs, export."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from directory.enums import Role
from directory.models import Person
from ent.audit.models import AuditEvent
from ent.jobs.models import Job
from ent.jobs.running import run_now
from pronote_bridge.dry_run.enums import ListColumn
from pronote_bridge.dry_run.journal import DryRunAct
from pronote_bridge.dry_run.models import ColumnMapping, DryRun, DryRunLine, HandPairing
from pronote_bridge.dry_run.services import correct_columns, erase_old_lines
from pronote_bridge.enums import ListKind
from pronote_bridge.instances.models import Instance
from signin.sessions.recent_proof import AUTHENTICATED_AT_KEY
from sso.release.identifiers import identifier_for
from tests import factories as make
from tests.cast import Cast, verified_client
from tests.pronote_bridge.dry_runs import asked, compared, line_of, run
from tests.pronote_bridge.population import make_instance, make_pupil

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person | None], Client]
PUPILS = (
    "Nom;Prénom;Né(e) le;Classe\n"
    "MARTIN;Léa;04/03/2012;4E3\n"
    "PETIT;Tom;04/03/2012;4E3\n"
    "<b>HOSTILE</b>;L'&lt,;;\n"
).encode()


@pytest.fixture
def instance(cast: Cast) -> Instance:
    """The Pronote of school A, with two pupils whom its list names."""
    make_pupil(cast.school_a, family_name="Martin", given_name="Léa")
    make_pupil(cast.school_a, family_name="Petit", given_name="Tom", birth_date=date(2012, 3, 5))
    return make_instance(cast.school_a)


@pytest.fixture
def dry_run(cast: Cast, instance: Instance) -> DryRun:
    """The list compared."""
    return compared(instance, cast.manager_a, {ListKind.PUPILS: PUPILS})


@pytest.fixture
def manager(cast: Cast) -> Client:
    """The browser of school A's administrator."""
    return verified_client(cast.manager_a)


def shown(client: Client, dry_run: DryRun, query: str = "") -> str:
    """Return the text of a dry run's page."""
    response = client.get(reverse("pronote:dry-run", args=[dry_run.uuid]) + query)
    assert response.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def petit() -> Person:
    """Whom Pronote knows under another birth date."""
    return Person.objects.get(family_name="Petit", given_name="Tom")


def test_lists_are_deposited_compared_and_shown(
    cast: Cast, instance: Instance, manager: Client
) -> None:
    page = reverse("pronote:dry-run-deposit", args=[instance.uuid])
    assert manager.get(page).status_code == 200
    response = manager.post(page, {"eleves": SimpleUploadedFile("liste élèves.csv", PUPILS)})
    dry_run = DryRun.objects.get()
    progress = reverse("jobs:progress", args=[dry_run.job_uuid])
    assert response.headers["Location"] == progress
    assert manager.get(progress).status_code == 200
    waiting = manager.get(reverse("pronote:dry-run", args=[dry_run.uuid]))
    assert waiting.headers["Location"] == progress
    run_now(Job.objects.get())
    result = reverse("pronote:dry-run", args=[dry_run.uuid])
    assert manager.get(progress).headers["Location"] == result
    text = shown(manager, dry_run)
    assert "liste élèves.csv" in text
    assert "4 colonnes sur 4" in text
    runs = manager.get(reverse("pronote:dry-runs", args=[instance.uuid])).content.decode()
    assert "liste" not in runs.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "Élèves" in runs


@pytest.mark.parametrize("files", [{}, {"eleves": SimpleUploadedFile("vide.csv", b"")}])
def test_a_form_without_a_list_is_refused(
    instance: Instance, manager: Client, files: dict[str, SimpleUploadedFile]
) -> None:
    response = manager.post(reverse("pronote:dry-run-deposit", args=[instance.uuid]), files)
    text = response.content.decode()
    assert "Ce fichier est vide." in text or "Choisissez au moins une liste" in text
    assert not DryRun.objects.exists()


def test_at_first_the_page_shows_whoever_waits_for_a_hand(manager: Client, dry_run: DryRun) -> None:
    text = shown(manager, dry_run)
    assert "2 lignes" in text
    assert "PETIT Tom" in text
    assert "mais une autre date de naissance dans l’ENT" in text
    assert "MARTIN Léa" not in text
    assert "<b>HOSTILE</b> L'&lt," in text  # as it is, and never as a tag


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?situation=toutes", {"MARTIN Léa", "PETIT Tom"}),
        ("?situation=rapproche", {"MARTIN Léa"}),
        ("?situation=toutes&q=tom+pet", {"PETIT Tom"}),
        ("?situation=toutes&q=4e3&population=eleves", {"MARTIN Léa", "PETIT Tom"}),
        ("?situation=toutes&population=personnels", set()),
        ("?situation=ambigu", set()),
        ("?situation=n-importe-quoi&page=-3", {"PETIT Tom"}),
        ("?q=%25", {"PETIT Tom"}),
    ],
)
def test_lines_are_filtered_by_population_situation_and_words(
    manager: Client, dry_run: DryRun, query: str, names: set[str]
) -> None:
    text = shown(manager, dry_run, query)
    assert {name for name in ("MARTIN Léa", "PETIT Tom") if name in text} == names


def test_pages_keep_the_filters(cast: Cast, instance: Instance, manager: Client) -> None:
    lines = b"".join(b"NOM%d;Max;;\n" % number for number in range(45))
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: PUPILS + lines})
    page = manager.get(
        reverse("pronote:dry-run", args=[dry_run.uuid]) + "?q=max&population=eleves&page=2"
    ).content.decode()
    assert "?q=max&amp;population=eleves&amp;page=3" in page
    assert "NOM25" in page


def test_a_line_is_paired_by_hand_and_undone(
    manager: Client, dry_run: DryRun, instance: Instance
) -> None:
    line = line_of(dry_run, "PETIT Tom")
    page = reverse("pronote:dry-run-pair", args=[line.uuid]) + "?situation=non-rapproche"
    text = manager.get(page).content.decode()
    assert "même nom, même prénom" in text
    response = manager.post(page, {"personne": str(petit().uuid)}, follow=True)
    assert response.redirect_chain[0][0].endswith("?situation=non-rapproche#lignes")
    assert "PETIT Tom est rapproché de Tom Petit." in response.content.decode()
    assert "Rapprochés à la main" in shown(manager, dry_run, "?situation=a-la-main&q=petit")
    kept = reverse("pronote:hand-pairings", args=[instance.uuid])
    assert "PETIT Tom" in manager.get(kept).content.decode()
    undo = reverse("pronote:unpair", args=[HandPairing.objects.get().uuid])
    response = manager.post(f"{undo}?retour={dry_run.uuid}&q=petit", follow=True)
    assert response.redirect_chain[0][0].endswith("?q=petit#lignes")
    assert not HandPairing.objects.exists()


def test_somebody_else_of_the_file_is_found_by_name_or_class(
    cast: Cast, manager: Client, dry_run: DryRun
) -> None:
    line = line_of(dry_run, "<b>HOSTILE</b> L'&lt,")
    page = reverse("pronote:dry-run-pair", args=[line.uuid])
    cast.pupil.birth_date = date(2012, 1, 1)
    cast.pupil.save()
    for typed in ("manon", "ELEVE", "4e3"):
        assert str(cast.pupil.uuid) in manager.get(f"{page}?nom={typed}").content.decode()
    assert "Personne de ce nom" in manager.get(f"{page}?nom=oscar").content.decode()


def test_who_is_in_no_line_of_the_list_is_named(
    cast: Cast, manager: Client, dry_run: DryRun
) -> None:
    page = reverse("pronote:dry-run-absent", args=[dry_run.uuid, "eleves"])
    text = manager.get(page).content.decode()
    assert "Tom Petit" in text
    assert "Léa Martin" not in text
    assert cast.pupil_b.family_name not in text
    pair = reverse("pronote:dry-run-pair", args=[line_of(dry_run, "PETIT Tom").uuid])
    manager.post(pair, {"personne": str(petit().uuid)})
    assert "Personne n’est absent" in manager.get(page).content.decode()
    assert manager.get(page.replace("eleves", "personnels")).status_code == 404


def test_nobody_outside_the_list_of_the_file_is_paired(
    cast: Cast, manager: Client, dry_run: DryRun
) -> None:
    page = reverse("pronote:dry-run-pair", args=[line_of(dry_run, "PETIT Tom").uuid])
    for stranger in (cast.pupil_b, cast.teacher, cast.manager_a):
        assert manager.post(page, {"personne": str(stranger.uuid)}).status_code == 404
    for wrong in ("", "x", str(uuid4())):
        assert manager.post(page, {"personne": wrong}).status_code == 404
    assert not HandPairing.objects.exists()


def test_columns_are_said_by_hand(cast: Cast, instance: Instance, manager: Client) -> None:
    unknown = PUPILS.replace("Nom;Prénom".encode(), b"Patronyme;Petit nom")
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: unknown})
    assert "les titres ne disent pas où sont le nom et le prénom" in shown(manager, dry_run)
    page = reverse("pronote:dry-run-columns", args=[dry_run.uuid, "eleves"])
    text = manager.get(page).content.decode()
    assert "Patronyme" in text
    assert "MARTIN, PETIT" in text
    unused = {f"colonne_{number}": "-" for number in range(4)}
    both = unused | {"colonne_0": "nom", "colonne_1": "nom"}
    assert "est choisi pour deux colonnes" in manager.post(page, both).content.decode()
    assert "Choisissez la colonne du nom" in manager.post(page, unused).content.decode()
    assert not ColumnMapping.objects.exists()
    said = unused | {"colonne_0": "nom", "colonne_1": "prenom", "colonne_2": "naissance"}
    assert manager.post(page, said).status_code == 302
    run_now(Job.objects.latest("pk"))
    assert DryRunLine.objects.of_run(dry_run).count() == 3


def test_a_list_that_cannot_be_read_says_where(
    cast: Cast, instance: Instance, manager: Client
) -> None:
    bad = PUPILS + b"DURAND;Max;;4E3;trop\n"
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: bad})
    text = shown(manager, dry_run)
    assert "« eleves.csv », ligne 5, colonne E : une valeur dépasse les 4 colonnes" in text


def test_the_result_is_saved_as_it_is_shown(manager: Client, dry_run: DryRun) -> None:
    page = reverse("pronote:dry-run-export", args=[dry_run.uuid, "csv"])
    csv = manager.post(f"{page}?situation=toutes").content.decode("utf-8-sig")
    assert csv.count("\r\n") == 4
    assert "Élèves;3;PETIT Tom;04/03/2012;4E3;;Non rapproché;" in csv
    assert "Tom Petit" in csv
    assert manager.post(f"{page}?q=petit").content.decode().count("\r\n") == 2
    book = manager.post(page.replace("csv", "xlsx") + "?situation=toutes")
    assert load_workbook(io.BytesIO(book.content)).worksheets[0].max_row == 4
    assert AuditEvent.objects.of_acts([DryRunAct.EXPORTED]).count() == 3
    assert manager.post(page.replace("csv", "pdf")).status_code == 404


def test_saving_asks_for_a_proof_first(cast: Cast, dry_run: DryRun) -> None:
    client = verified_client(cast.manager_a)
    session = client.session
    session[AUTHENTICATED_AT_KEY] = 0
    session.save()
    page = reverse("pronote:dry-run-export", args=[dry_run.uuid, "csv"])
    response = client.post(page)
    assert response.status_code == 303
    assert b"PETIT" not in response.content
    assert not AuditEvent.objects.of_acts([DryRunAct.EXPORTED]).exists()


def test_a_wrong_identifier_names_whose_it_is_within_the_walls(
    cast: Cast, instance: Instance, manager: Client
) -> None:
    service = instance.service_id
    ours = identifier_for(person_id=petit().pk, service_id=service)
    foreign = identifier_for(person_id=cast.pupil_b.pk, service_id=service)
    text = (
        "Nom;Prénom;Né(e) le;Identifiant CAS\n"
        f"MARTIN;Léa;04/03/2012;{ours}\nPETIT;Tom;05/03/2012;{foreign}\n"
    ).encode()
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: text})
    page = shown(manager, dry_run, "?situation=identifiants")
    assert "Identifiant CAS : celui de Tom Petit." in page
    assert "Identifiant CAS : celui d’une autre personne." in page
    assert cast.pupil_b.family_name not in page


def test_another_schools_dry_runs_do_not_exist(
    cast: Cast, client_of: ClientOf, dry_run: DryRun, instance: Instance
) -> None:
    line = line_of(dry_run, "PETIT Tom")
    pages = [
        reverse("pronote:dry-runs", args=[instance.uuid]),
        reverse("pronote:dry-run-deposit", args=[instance.uuid]),
        reverse("pronote:hand-pairings", args=[instance.uuid]),
        reverse("pronote:dry-run", args=[dry_run.uuid]),
        reverse("pronote:dry-run-columns", args=[dry_run.uuid, "eleves"]),
        reverse("pronote:dry-run-absent", args=[dry_run.uuid, "eleves"]),
        reverse("pronote:dry-run-delete", args=[dry_run.uuid]),
        reverse("pronote:dry-run-pair", args=[line.uuid]),
    ]
    for page in pages:
        assert client_of(cast.manager_b).get(page).status_code == 404
        assert client_of(cast.ent_administrator).get(page).status_code == 200
        assert client_of(cast.teacher).get(page).status_code == 403


def test_a_group_needs_the_right_on_every_school(cast: Cast, client_of: ClientOf) -> None:
    group = make_instance(cast.school_a, cast.school_b)
    dry_run = asked(group, cast.ent_administrator, {ListKind.PUPILS: PUPILS})
    page = reverse("pronote:dry-run", args=[dry_run.uuid])
    assert client_of(cast.manager_a).get(page).status_code == 404
    make.give_role(person=cast.manager_a, role=Role.SCHOOL_ADMINISTRATOR, school=cast.school_b)
    assert client_of(cast.manager_a).get(page).status_code == 302  # to its progress


def test_once_erased_the_page_says_so_and_nothing_is_paired_or_saved(
    manager: Client, dry_run: DryRun, instance: Instance
) -> None:
    line = line_of(dry_run, "PETIT Tom")
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        fresh = verified_client(Person.objects.get(given_name="Alice"))
        pair = reverse("pronote:dry-run-pair", args=[line.uuid])
        assert fresh.get(pair).status_code == 404  # over before the sweep passes
        erase_old_lines()
        assert "Les lignes sont effacées" in shown(fresh, dry_run)
        export = reverse("pronote:dry-run-export", args=[dry_run.uuid, "csv"])
        assert fresh.post(export).status_code == 404
        runs = fresh.get(reverse("pronote:dry-runs", args=[instance.uuid])).content.decode()
        assert "Lignes effacées au bout d’un jour" in runs


@pytest.mark.parametrize("is_corrected", [False, True])
def test_once_erased_a_list_without_titles_offers_no_columns(
    cast: Cast, instance: Instance, *, is_corrected: bool
) -> None:
    untitled = PUPILS.split(b"\n", 1)[1]
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: untitled})
    if is_corrected:
        columns = (ListColumn.FAMILY_NAME, ListColumn.GIVEN_NAME, None, None)
        source = dry_run.lists.get()
        run(correct_columns(source=source, columns=columns, actor=cast.manager_a))
    page = reverse("pronote:dry-run", args=[dry_run.uuid])
    place = reverse("pronote:dry-run-columns", args=[dry_run.uuid, ListKind.PUPILS])
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        fresh = verified_client(Person.objects.get(given_name="Alice"))
        assert place in fresh.get(page).content.decode()
        erase_old_lines()
        assert place not in fresh.get(page).content.decode()
        assert fresh.get(place).status_code == 404


def test_a_dry_run_whose_work_stopped_is_tried_again(
    cast: Cast, instance: Instance, manager: Client
) -> None:
    dry_run = asked(instance, cast.manager_a, {ListKind.PUPILS: PUPILS})
    Job.objects.update(state="failed", finished_at=timezone.now(), error="Interrompu.")
    assert "Interrompu." in shown(manager, dry_run)
    response = manager.post(reverse("pronote:dry-run-again", args=[dry_run.uuid]))
    assert response.status_code == 302
    run_now(Job.objects.latest("pk"))
    assert "PETIT Tom" in shown(manager, dry_run)


def test_a_dry_run_is_deleted_after_a_page_that_says_what_goes(
    manager: Client, dry_run: DryRun
) -> None:
    page = reverse("pronote:dry-run-delete", args=[dry_run.uuid])
    assert "pour toujours" in manager.get(page).content.decode()
    assert manager.post(page).status_code == 302
    assert not DryRun.objects.exists()
