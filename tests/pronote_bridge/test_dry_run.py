"""A dry run from the deposit to the erasure: encrypted, compared once, kept a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from directory.enums import Profile
from directory.models import Person
from ent.audit.models import AuditEvent
from ent.files.models import FileChunk, StoredFile
from ent.files.services import delete_expired_files
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.running import run_now
from pronote_bridge.dry_run.enums import ListColumn, ListState, Outcome, Reason, RunState
from pronote_bridge.dry_run.journal import DryRunAct
from pronote_bridge.dry_run.models import ColumnMapping, DryRun, DryRunLine, HandPairing
from pronote_bridge.dry_run.pairing import PairingRefused, pair_by_hand, undo_pairing
from pronote_bridge.dry_run.services import (
    ListsGone,
    correct_columns,
    delete_dry_run,
    erase_old_lines,
)
from pronote_bridge.enums import ListKind
from pronote_bridge.instances.models import Instance
from sso.release.identifiers import identifiers_for
from tests import factories as make
from tests.cast import Cast
from tests.kit import canaries
from tests.pronote_bridge.dry_runs import asked, compared, line_of, run, told
from tests.pronote_bridge.population import make_instance, make_pupil

BORN = date(2012, 3, 4)
LIST = (
    "Nom;Prénom;Né(e) le;Classe;Responsables\r\n"
    "MARTIN;Léa;04/03/2012;4E3;MARTIN Claire\r\n"
    "PETIT;Tom;04/03/2012;4E3;\r\n"
    "PETITE;Tome;05/03/2012;6E1;\r\n"
).encode("cp1252")


@pytest.fixture
def instance(cast: Cast) -> Instance:
    """The Pronote of school A, where Léa Martin is a pupil."""
    make_pupil(cast.school_a, family_name="Martin", given_name="Léa")
    return make_instance(cast.school_a)


def lea() -> Person:
    """The pupil whom Pronote pairs by itself."""
    return Person.objects.get(family_name="Martin", given_name="Léa")


@pytest.fixture
def petit(cast: Cast) -> Person:
    """A pupil whom Pronote knows under another birth date."""
    return make_pupil(
        cast.school_a, family_name="Petit", given_name="Tom", birth_date=date(2012, 3, 5)
    )


def test_a_list_is_compared_line_by_line_with_the_file(
    cast: Cast, instance: Instance, petit: Person
) -> None:
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: LIST})
    assert told(dry_run) == {
        "MARTIN Léa": (Outcome.MATCHED, Reason.SAME_BIRTH_DATE),
        "PETIT Tom": (Outcome.UNMATCHED, Reason.OTHER_BIRTH_DATE),
        "PETITE Tome": (Outcome.UNMATCHED, Reason.NO_SUCH_NAME),
    }
    assert line_of(dry_run, "MARTIN Léa").person == lea()
    assert line_of(dry_run, "PETIT Tom").proposals == [petit.pk]
    source = dry_run.lists.get()
    assert source.columns == ["nom", "prenom", "naissance", "classe", "responsables"]
    assert source.counts["lignes"] == 3
    assert source.counts[Outcome.MATCHED] == 1
    assert source.counts["absents"] == 1  # whom no line meets: Petit


def test_the_deposited_list_is_encrypted_at_once_and_nobody_downloads_it(
    cast: Cast, instance: Instance
) -> None:
    from pronote_bridge.dry_run.perms import LIST_PURPOSE, may_download_list

    canaries.watch("PETITE", "Tome")
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: LIST})
    stored = StoredFile.objects.get(purpose=LIST_PURPOSE)
    assert stored.uuid == dry_run.lists.get().stored_uuid
    assert all(b"MARTIN" not in bytes(chunk.ciphertext) for chunk in FileChunk.objects.all())
    assert not may_download_list(stored, cast.manager_a.uuid)
    assert b"Martin" not in str(Job.objects.get(uuid=dry_run.job_uuid).params).encode()


def test_after_a_day_files_and_lines_are_gone_and_the_numbers_stay(
    cast: Cast, instance: Instance, petit: Person
) -> None:
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: LIST})
    pair_by_hand(line=line_of(dry_run, "PETIT Tom"), person=petit, actor=cast.manager_a)
    with time_machine.travel(timezone.now() + timedelta(hours=23), tick=False):
        assert erase_old_lines() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert not DryRun.objects.open().exists()
        assert erase_old_lines() == 1
        assert erase_old_lines() == 0
        delete_expired_files()
    dry_run.refresh_from_db()
    source = dry_run.lists.get()
    assert (dry_run.state, source.stored_uuid, source.samples) == (RunState.ERASED, None, [])
    assert (source.counts["lignes"], source.counts["main"]) == (3, 1)
    assert not DryRunLine.objects.exists()
    assert not StoredFile.objects.exists()
    assert HandPairing.objects.get().person == petit


def test_after_a_day_a_person_taken_for_the_titles_is_gone_too(
    cast: Cast, instance: Instance
) -> None:
    untitled = LIST.split(b"\r\n", 1)[1]
    first = compared(instance, cast.manager_a, {ListKind.PUPILS: untitled, ListKind.STAFF: LIST})
    source = first.lists.get(kind=ListKind.PUPILS)
    assert (source.state, source.header[0]) == (ListState.UNCLEAR, "MARTIN")
    columns = (ListColumn.FAMILY_NAME, ListColumn.GIVEN_NAME, ListColumn.BIRTH_DATE, None, None)
    run(correct_columns(source=source, columns=columns, actor=cast.manager_a))
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert erase_old_lines() == 1
    source.refresh_from_db()
    assert (source.header, source.columns) == ([], [])
    assert bytes(source.header_digest) == b""
    assert first.lists.get(kind=ListKind.STAFF).header[0] == "Nom"


def test_a_pair_made_by_hand_serves_the_next_time_and_is_undone(
    cast: Cast, instance: Instance, petit: Person
) -> None:
    first = compared(instance, cast.manager_a, {ListKind.PUPILS: LIST})
    pairing = pair_by_hand(line=line_of(first, "PETIT Tom"), person=petit, actor=cast.manager_a)
    again = LIST.replace(b"PETIT;Tom", b"petit;TOM").replace(b"4E3", b"3E1")
    second = compared(instance, cast.manager_a, {ListKind.PUPILS: again})
    assert line_of(first, "PETIT Tom").pairing == pairing
    assert line_of(second, "petit TOM").pairing == pairing
    assert line_of(second, "petit TOM").outcome == Outcome.UNMATCHED  # Pronote does not know it
    undo_pairing(pairing=pairing, actor=cast.manager_a)
    assert line_of(second, "petit TOM").pairing is None
    assert line_of(first, "PETIT Tom").is_open
    acts = AuditEvent.objects.of_acts([DryRunAct.PAIRED, DryRunAct.UNPAIRED])
    assert acts.count() == 2
    assert all(event.school_uai == cast.school_a.uai for event in acts)


def test_a_pair_made_by_hand_gives_way_once_pronote_pairs_the_person_itself(
    cast: Cast, instance: Instance, petit: Person
) -> None:
    first = compared(instance, cast.manager_a, {ListKind.PUPILS: LIST})
    pair_by_hand(line=line_of(first, "PETITE Tome"), person=petit, actor=cast.manager_a)
    corrected = LIST.replace(b"PETIT;Tom;04/03/2012", b"PETIT;Tom;05/03/2012")
    second = compared(instance, cast.manager_a, {ListKind.PUPILS: corrected})
    assert line_of(second, "PETIT Tom").person == petit
    assert line_of(second, "PETITE Tome").pairing is None


@pytest.mark.parametrize("name", ["MARTIN Léa", "PETIT Tom"])
def test_a_person_or_a_line_has_one_pair(
    cast: Cast, instance: Instance, petit: Person, name: str
) -> None:
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: LIST})
    pair_by_hand(line=line_of(dry_run, "PETIT Tom"), person=petit, actor=cast.manager_a)
    with pytest.raises(PairingRefused, match="déjà rapprochée"):
        pair_by_hand(line=line_of(dry_run, name), person=petit, actor=cast.manager_a)
    with pytest.raises(PairingRefused, match="à la main, d’une autre ligne"):
        pair_by_hand(line=line_of(dry_run, "PETITE Tome"), person=petit, actor=cast.manager_a)
    with pytest.raises(PairingRefused, match="rapprochera lui-même"):
        pair_by_hand(line=line_of(dry_run, "PETITE Tome"), person=lea(), actor=cast.manager_a)
    assert HandPairing.objects.count() == 1


def test_lines_that_nothing_tells_apart_are_not_paired_by_hand(
    cast: Cast, instance: Instance, petit: Person
) -> None:
    lines = b"PETIT;Tom;04/03/2012;4E3;\r\n" * 2 + b"PETIT;Tom;04/03/2012;6E1;\r\n"
    dry_run = compared(
        instance, cast.manager_a, {ListKind.PUPILS: LIST.splitlines(keepends=True)[0] + lines}
    )
    same, _, other = DryRunLine.objects.of_run(dry_run).order_by("number")
    with pytest.raises(PairingRefused, match="exactement la même"):
        pair_by_hand(line=same, person=petit, actor=cast.manager_a)
    pair_by_hand(line=other, person=petit, actor=cast.manager_a)
    assert DryRunLine.objects.by_hand().get() == other


def test_columns_that_were_corrected_are_remembered_for_the_same_titles(
    cast: Cast, instance: Instance
) -> None:
    unknown = LIST.replace("Nom;Prénom".encode("cp1252"), b"Patronyme;Petit nom")
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: unknown})
    source = dry_run.lists.get()
    assert (source.state, source.lines.count()) == (ListState.UNCLEAR, 0)
    assert source.samples[0] == ["MARTIN", "PETIT", "PETITE"]
    columns = (ListColumn.FAMILY_NAME, ListColumn.GIVEN_NAME, ListColumn.BIRTH_DATE, None, None)
    run(correct_columns(source=source, columns=columns, actor=cast.manager_a))
    assert told(dry_run)["MARTIN Léa"] == (Outcome.MATCHED, Reason.SAME_BIRTH_DATE)
    second = compared(instance, cast.manager_a, {ListKind.PUPILS: unknown.upper()})
    assert second.lists.get().state == ListState.COMPARED
    other = make_instance(cast.school_b)
    third = compared(other, cast.manager_b, {ListKind.PUPILS: unknown})
    assert third.lists.get().state == ListState.UNCLEAR
    assert ColumnMapping.objects.count() == 1


def test_columns_are_not_corrected_once_the_list_is_gone(cast: Cast, instance: Instance) -> None:
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: LIST})
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        erase_old_lines()
        with pytest.raises(ListsGone):
            correct_columns(
                source=dry_run.lists.get(), columns=(ListColumn.FULL_NAME,), actor=cast.manager_a
            )
    assert not ColumnMapping.objects.exists()


def test_a_list_that_is_none_says_where_and_the_others_are_compared(
    cast: Cast, instance: Instance
) -> None:
    bad = LIST + b"DURAND;Max;;;;;trop\r\n"
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: LIST, ListKind.STAFF: bad})
    refused = dry_run.lists.get(kind=ListKind.STAFF)
    assert refused.state == ListState.REFUSED
    assert refused.problem.startswith("«\u00a0personnels.csv\u00a0», ligne 5, colonne G\u00a0: ")
    assert dry_run.lists.get(kind=ListKind.PUPILS).lines.count() == 3
    assert not DryRunLine.objects.filter(source=refused).exists()


def test_a_wrong_identifier_planted_in_the_list_is_found(
    cast: Cast, instance: Instance, petit: Person
) -> None:
    ids = identifiers_for(person_ids=[lea().pk, petit.pk], service_id=instance.service_id)
    lines = LIST.decode("cp1252").splitlines()
    header = f"{lines[0]};Identifiant CAS"
    text = [f"{lines[1]};{ids[petit.pk]}", f"{lines[2]};{ids[petit.pk]}", f"{lines[3]};rien"]
    planted = "\n".join([header, *text]).encode()
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: planted})
    checks = {
        line.name: (line.identifier_check, line.owner)
        for line in DryRunLine.objects.of_run(dry_run)
    }
    assert checks["MARTIN Léa"] == ("autre", petit)
    assert checks["PETIT Tom"] == ("actuel", petit)  # whatever its birth date
    assert checks["PETITE Tome"] == ("inconnu", None)
    assert dry_run.lists.get().counts["identifiants"] == 2


def test_a_right_that_was_withdrawn_stops_the_work(cast: Cast, instance: Instance) -> None:
    dry_run = asked(instance, cast.manager_a, {ListKind.PUPILS: LIST})
    cast.manager_a.role_grants.all().delete()
    job = run_now(Job.objects.get(uuid=dry_run.job_uuid))
    assert (job.state, "Vous n’avez plus le droit" in job.error) == (JobState.FAILED, True)
    dry_run.refresh_from_db()
    assert dry_run.has_failed(job)
    assert not DryRunLine.objects.exists()


def test_the_list_of_a_person_who_is_erased_leaves_with_them(
    cast: Cast, instance: Instance, petit: Person
) -> None:
    from directory.lifecycle.erasure import erase_persons

    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: LIST})
    pair_by_hand(line=line_of(dry_run, "PETIT Tom"), person=petit, actor=cast.manager_a)
    erase_persons([petit.pk, lea().pk])
    assert not HandPairing.objects.exists()
    names = DryRunLine.objects.values_list("name", flat=True)
    assert list(names) == ["PETIT Tom", "PETITE Tome"]


def test_deleting_a_dry_run_takes_files_and_lines_and_leaves_the_pairs(
    cast: Cast, instance: Instance, petit: Person
) -> None:
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: LIST})
    pair_by_hand(line=line_of(dry_run, "PETIT Tom"), person=petit, actor=cast.manager_a)
    delete_dry_run(dry_run=dry_run, actor=cast.manager_a)
    assert not DryRun.objects.exists()
    assert not StoredFile.objects.exists()
    assert HandPairing.objects.count() == 1
    assert AuditEvent.objects.of_acts([DryRunAct.DELETED]).count() == 1


def test_the_database_refuses_a_pair_without_a_person(cast: Cast, instance: Instance) -> None:
    dry_run = compared(instance, cast.manager_a, {ListKind.PUPILS: LIST})
    with (
        pytest.raises(IntegrityError, match="dry_run_line_matched_is_somebody"),
        transaction.atomic(),
    ):
        DryRunLine.objects.of_run(dry_run).update(outcome=Outcome.MATCHED, person=None)


def test_a_teacher_whose_birth_date_the_file_says_is_compared_by_it(
    cast: Cast, instance: Instance
) -> None:
    make.make_person(
        school=cast.school_a,
        profile=Profile.TEACHER,
        family_name="Durand",
        given_name="Anne",
        birth_date=date(1980, 1, 1),
    )
    teachers = "Nom;Prénom;Né(e) le\nDURAND;Anne;02/02/1980\n".encode()
    for extras, outcome in (([], Outcome.MATCHED), (["naissance-professeurs"], Outcome.UNMATCHED)):
        Instance.objects.update(extras=extras)
        instance.refresh_from_db()
        dry_run = compared(instance, cast.manager_a, {ListKind.TEACHERS: teachers})
        assert line_of(dry_run, "DURAND Anne").outcome == outcome
