"""From files to differences: described, staged, checked, compared; the directory is only read."""

from __future__ import annotations

import hashlib
import time

from django.db import connection
from django.utils import timezone

from directory.enums import Degree
from directory.imports import compare, departures, ended_roles, extension, links, staging
from directory.imports.aaf.errors import DeliveryRefused
from directory.imports.aaf.names import COMPLETE
from directory.imports.aaf.packages import REQUIRED
from directory.imports.announced import check_authority
from directory.imports.enums import DeliveryMode
from directory.imports.findings import placing_findings
from directory.imports.guard import GuardResult, weigh_departures
from directory.imports.reports import count_outcome
from directory.imports.runs.ledger import newest_applied
from directory.imports.runs.state import ImportRun
from directory.imports.steps import Timing
from directory.imports.tuning import session_of_import
from directory.models import Record
from ent.pages.french import number_words

FIRST_DEGREE_NAME = "ENTPersonNom"
"""What first-degree files call ``sn``: another layout, and ids that may be those of people here."""


def describe(run: ImportRun) -> None:
    """What the files' names say, and the refusals that follow from it."""
    opened, delivery = run.opened, run.delivery
    delivery.mode = DeliveryMode(opened.mode)
    delivery.generated_on = opened.date
    delivery.scope = opened.school_uai
    delivery.degree = Degree.SECOND
    delivery.save(update_fields=["mode", "generated_on", "scope", "degree"])
    if opened.mode != COMPLETE:
        raise DeliveryRefused(
            "delta_not_supported",
            "c’est un envoi différentiel ; seuls les envois complets sont importés pour "
            "l’instant. Demandez un envoi complet, ou attendez le prochain.",
            file=opened.files[0].name,
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
    for contributor in extension.contributors():
        if hasattr(contributor, "begin"):
            contributor.begin(run)
    return _compare(run)


def _stage(run: ImportRun, whole: set[int]) -> set[int]:
    opened = run.opened
    orders = staging.file_orders(opened, whole)

    def show(title: str) -> staging.SeenProgress:
        return lambda done, total: run.progress(title, done, total)

    known = Record.objects.filter(authority=run.authority, degree=run.degree).exists()
    run.progress("Lecture des fichiers", 0, opened.size)
    title = "Lecture des fichiers"
    started = time.monotonic()
    run.is_first = not known
    if not known:
        counts = staging.run_readers(
            "all", orders, schema=run.schema, size=opened.size, polite=run.polite,
            progress=show(title),
        )  # fmt: skip
        run.run(compare.NOTHING_KNOWN)
    else:
        plain = [order for order in orders if not order.whole]
        counts = staging.run_readers(
            "scan", plain, schema=run.schema, size=opened.size, polite=run.polite,
            progress=show(title),
        )  # fmt: skip
        if counts.unproven:
            return set(counts.unproven)
        with session_of_import():
            run.run(compare.FIND_CHANGED)
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
         "in_group", "in_finding"],
    )  # fmt: skip
    return set()


def _check_counts(run: ImportRun) -> None:
    """Refusals that only the content tells: empty file, wrong authority; the set's checksum."""
    counts = run.counts
    for file in run.opened.files:
        if file.category in REQUIRED and file.name in counts.empty_files:
            raise DeliveryRefused(
                "empty_file", "le fichier ne contient aucun objet.", file=file.name
            )
    if 2 * counts.unknown.get(FIRST_DEGREE_NAME, 0) > counts.objects.get("Eleve", 0):
        raise DeliveryRefused(
            "first_degree_not_supported",
            "ce sont des fichiers du premier degré ; seuls ceux du second degré sont importés "
            "pour l’instant.",
        )
    for category in REQUIRED:
        objects = counts.objects.get(category, 0)
        if objects and counts.rejected.get(category, 0) >= objects:
            raise DeliveryRefused(
                "nothing_usable",
                f"aucun objet {category} n’est utilisable, sur {number_words(objects)}. "
                + _first_rejection(run, category),
                file=next(file.name for file in run.opened.files if file.category == category),
            )
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
    run.delivery.save(update_fields=["checksum"])


def _first_rejection(run: ImportRun, category: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT message FROM {run.schema}.in_finding WHERE category = %s "
            "AND severity = 'rejet' ORDER BY rid LIMIT 1",
            [category],
        )
        found = cursor.fetchone()
    return str(found[0]) if found else ""


def _compare(run: ImportRun) -> GuardResult:
    with session_of_import():
        with placing_findings(schema=run.schema, opened=run.opened):
            run.run(compare.IDENTIFY)
            run.run(compare.SCHOOLS)
            run.run(compare.PERSONS)
            run.run(links.LINKS)
            run.run(departures.REJECTED_KEYS)
            run.run(departures.COVERAGE)
            run.run(links.LINK_DIFFERENCES)
            run.run(links.DIFFERENCES)
            run.run(compare.OUTCOME)
            run.run(ended_roles.FIND)
            on = run.delivery.generated_on or timezone.localdate()
            guard = weigh_departures(
                schema=run.schema, authority_id=run.authority.pk, degree=run.degree, on=on
            )
            run.progress("Rapport", 0, 0)
            started = time.monotonic()
        run.counters = count_outcome(run)
        run.timings.append(Timing("Rapport", time.monotonic() - started, 0))
    return guard
