"""From files to differences: described, staged, checked, compared; the directory is only read."""

from __future__ import annotations

import datetime
import hashlib
import time

from django.db import connection
from django.utils import timezone

from directory.enums import Degree, DeliveryMode
from directory.imports import staging
from directory.imports.guard.weighing import GuardResult, weigh_departures
from directory.imports.layouts.aaf.common.degrees import read_degree
from directory.imports.layouts.aaf.layouts import LAYOUTS
from directory.imports.layouts.errors import DeliveryRefused
from directory.imports.reports.anomalies import placing_anomalies
from directory.imports.reports.counts import count_outcome
from directory.imports.runs.announced_authority import check_authority, check_known
from directory.imports.runs.ledger import newest_applied, refuse_replay
from directory.imports.runs.state import ImportRun
from directory.imports.runs.tuning import session_of_import
from directory.imports.sql.steps import Timing
from directory.models.persons import Record
from directory.names.folded import name_keys
from ent.pages.french import number_words

COMPARISON = (
    "identify", "schools", "persons", "waiting", "links", "departures", "guardians", "differences",
    "outcome", "ended_roles",
)  # fmt: skip
"""The files of ``sql/`` that compare, in order: each reads the tables of those before it."""


def read_file_names(run: ImportRun) -> None:
    """What the files' names say, and the refusals that follow from it."""
    opened, delivery = run.opened, run.delivery
    delivery.mode = DeliveryMode(opened.mode)
    delivery.generated_on = opened.date
    delivery.scope = opened.school_uai
    delivery.project = opened.project
    if delivery.degree != Degree.UNIVERSITY:  # no file name says so: who reads it does
        delivery.degree = read_degree(opened)
    delivery.save(update_fields=["mode", "generated_on", "scope", "project", "degree"])
    if (
        run.is_delta
        and not Record.objects.filter(authority=run.authority, degree=run.degree).exists()
    ):
        raise DeliveryRefused(
            "delta_first",
            "c’est un envoi différentiel, et rien n’a encore été importé de cette autorité : "
            "un envoi complet vient d’abord.",
            file=opened.files[0].name,
        )
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    if opened.date and opened.date > tomorrow:
        raise DeliveryRefused(
            "in_the_future",
            f"ces fichiers sont datés du {opened.date:%d/%m/%Y}, qui n’est pas encore venu : ils "
            "empêcheraient tous les envois d’ici là.",
        )
    newest = newest_applied(delivery)
    if newest is not None and opened.date and opened.date < newest:
        raise DeliveryRefused(
            "older_than_last",
            f"ces fichiers sont du {opened.date:%d/%m/%Y} ; un envoi plus récent, du "
            f"{newest:%d/%m/%Y}, est déjà appliqué.",
        )


def prepare(run: ImportRun) -> GuardResult:
    """Stage and compare; the safe reader takes over files whose cut was not proven."""
    whole: set[int] = set()
    while True:
        staging.create_schema(run.schema)
        unproven = _stage(run, whole)
        if not unproven:
            break
        whole |= unproven
    _check_counts(run)
    for contributor in run.contributors:
        contributor.begin(run)
    return _compare(run)


def _stage(run: ImportRun, whole: set[int]) -> set[int]:
    opened = run.opened
    orders = staging.file_orders(opened, degree=run.degree, whole=whole)

    def show(title: str) -> staging.ReadProgress:
        return lambda done, total: run.progress(title, done, total)

    known = Record.objects.filter(authority=run.authority, degree=run.degree).exists()
    run.progress("Lecture des fichiers", 0, opened.size)
    title = "Lecture des fichiers"
    started = time.monotonic()
    run.is_first = not known
    run.is_alone = not Record.objects.filter(authority=run.authority).exists()
    if not known:
        counts = staging.run_readers(
            "all", orders, schema=run.schema, size=opened.size, polite=run.polite,
            progress=show(title),
        )  # fmt: skip
        run.run("nothing_known")
    else:
        plain = [order for order in orders if not order.whole]
        counts = staging.run_readers(
            "scan", plain, schema=run.schema, size=opened.size, polite=run.polite,
            progress=show(title),
        )  # fmt: skip
        if counts.unproven:
            return set(counts.unproven)
        with session_of_import():
            run.run("find_changed")
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT coalesce(sum(length), 0) FROM {run.schema}.todo")
            changed_bytes = int(cursor.fetchone()[0])
        changed = staging.run_readers(
            "changed", plain, schema=run.schema, size=changed_bytes, polite=run.polite,
            progress=show("Lecture des objets modifiés"),
        )  # fmt: skip
        if changed.unproven:
            return set(changed.unproven)
        if len(plain) < len(orders):
            rest = [order for order in orders if order.whole]
            counts.add(
                staging.run_readers(
                    "all", rest, schema=run.schema, size=0, polite=True, progress=show(title)
                )
            )
        changed.objects.clear()
        counts.add(changed)
    run.timings.append(Timing("Lecture des fichiers", time.monotonic() - started, 0))
    run.counts = counts
    staging.analyze(
        run.schema,
        ["in_person", "in_affiliation", "in_membership", "in_teaching", "in_link", "in_structure",
         "in_group", "in_anomaly"],
    )  # fmt: skip
    return set()


def _check_counts(run: ImportRun) -> None:
    """Refusals that only the content tells: empty file, wrong authority; the set's checksum."""
    counts = run.counts
    required = () if run.is_delta else LAYOUTS[run.degree].required
    for file in run.opened.files:
        if file.category in required and file.name in counts.empty_files:
            raise DeliveryRefused(
                "empty_file", "le fichier ne contient aucun objet.", file=file.name
            )
    for category in required:
        objects = counts.objects.get(category, 0)
        if objects and counts.rejected.get(category, 0) >= objects:
            raise DeliveryRefused(
                "nothing_usable",
                f"aucun objet {category} n’est utilisable, sur {number_words(objects)}. "
                + _first_rejection(run, category),
                file=next(file.name for file in run.opened.files if file.category == category),
            )
    if run.is_delta:
        check_known(schema=run.schema, authority=run.authority, degree=run.degree)
    check_authority(
        schema=run.schema,
        authority=run.authority,
        of_schools=counts.academies,
        of_others=counts.listed_academies,
    )
    digest = hashlib.sha256()
    for number, file in enumerate(run.opened.files, start=1):
        digest.update(f"{file.category}\0{counts.digests.get(number, '')}\0".encode())
    run.delivery.checksum = digest.hexdigest()
    refuse_replay(run.delivery)
    run.delivery.save(update_fields=["checksum"])


def _first_rejection(run: ImportRun, category: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(run.query("anomalies", "first_rejection"), {"category": category})
        found = cursor.fetchone()
    return str(found[0]) if found else ""


MOST_IN_VAIN_PERCENT, FEW_IN_VAIN = 5, 20


def _refuse_lost_chunk(run: ImportRun) -> None:
    """A last chunk is missed by nobody's number: those who cite its people betray it."""
    with connection.cursor() as cursor:
        cursor.execute(run.query("waiting", "cited_in_vain"))
        links, vain_links, guardians, vain_guardians = cursor.fetchone()
    for category, cited, in_vain in (
        ("PersRelEleve", links, vain_links), ("Eleve", guardians, vain_guardians),
    ):  # fmt: skip
        if in_vain >= FEW_IN_VAIN and in_vain * 100 > cited * MOST_IN_VAIN_PERCENT:
            raise DeliveryRefused(
                "last_chunk_lost",
                f"il manque sans doute un morceau de {category} : {number_words(in_vain)} liens "
                f"sur {number_words(cited)} citent quelqu’un qui n’y est pas.",
            )


def _fill_partial(run: ImportRun) -> None:
    """What an object of a delta does not name is what is known; names are folded again."""
    run.run("modified")
    with connection.cursor() as cursor:
        cursor.execute(run.query("modified", "names"))
        rows = []
        for rid, family, given, birth, others in cursor.fetchall():
            sort_key, search_key, base = name_keys(family or birth, given, birth, others)
            rows.append(
                {"rid": rid, "family": family or birth, "sort": sort_key, "search": search_key,
                 "base": base}
            )  # fmt: skip
        cursor.executemany(run.query("modified", "set_names"), rows)


def _compare(run: ImportRun) -> GuardResult:
    with session_of_import():
        with placing_anomalies(schema=run.schema, opened=run.opened):
            for file in COMPARISON:
                run.run(file)
                if file == "identify" and run.is_delta:
                    _fill_partial(run)
                if file == "waiting" and run.is_first:
                    _refuse_lost_chunk(run)
            on = run.delivery.generated_on or timezone.localdate()
            guard = weigh_departures(
                schema=run.schema, authority_id=run.authority.pk, degree=run.degree, on=on
            )
            run.progress("Rapport", 0, 0)
            started = time.monotonic()
        run.counters = count_outcome(run)
        run.timings.append(Timing("Rapport", time.monotonic() - started, 0))
    return guard
