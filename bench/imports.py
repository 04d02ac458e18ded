"""Import: first, unchanged, 1 % changed, against the bare parse + COPY and against bulk_create."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from datetime import datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from psycopg.conninfo import make_conninfo

from bench.floors import parse_and_copy_rate, read_objects
from bench.lines import Line, rate, timed
from bench.stage import AUTHORITY, ROOT, Deliveries, environment
from directory.enums import Profile
from directory.models import Person, School
from directory.names.folded import name_keys

_PEER_ROWS = 20_000
_PEER_BATCH = 2_000
_PEER_UPDATES = ["family_name", "given_name", "birth_name", "email", "sort_key", "search_key"]
_MEMORY_MB = 250


def measure_imports(deliveries: Deliveries) -> list[Line]:
    """The import lines, in the order in which they can be measured."""
    persons = deliveries.truth.persons
    floor = _floor(deliveries, persons)
    first = _import(deliveries.first)
    _check_truth(deliveries)
    first_rate = persons / first["seconds"]
    before = _row_versions()
    # It takes two seconds, of which a shared machine takes or gives a fifth: the median of three.
    same = sorted(_import(deliveries.same)["seconds"] for _ in range(3))
    rewritten = _rewritten_rows(before)
    changed = _import(deliveries.changed)
    peer = _bulk_create_rate(deliveries)  # last: what it leaves to clean is not for ours to pay
    _print_steps(first)
    same_rate, changed_rate = persons / same[1], persons / changed["seconds"]
    ours = rate(persons, first["seconds"])
    return [
        Line(
            work="first import, everything",
            floor=f"{floor:,.0f} /s",
            ours=ours,
            compare=first_rate / floor,
            goal=0.25,
        ),
        Line(
            work="first import against Django's bulk_create, persons alone",
            peer=f"{peer:,.0f} /s",
            ours=ours,
            compare=first_rate / peer,
            goal=1.4,
        ),
        Line(
            work="unchanged delivery",
            peer=f"{first_rate:,.0f} /s (first)",
            ours=f"{same_rate:,.0f} /s",
            compare=same_rate / first_rate,
            goal=8,
        ),
        Line(
            work="unchanged delivery: person rows written",
            ours=str(rewritten),
            compare=rewritten,
            compare_unit="rows",
            goal=0,
            at_least=False,
        ),
        Line(
            work="complete set with 1 % changed",
            peer=f"{first_rate:,.0f} /s (first)",
            ours=f"{changed_rate:,.0f} /s",
            compare=changed_rate / first_rate,
            goal=4,
        ),
        Line(
            work="memory of an import, the largest process",
            ours=f"{first['memory_mb']:.0f} MB",
            compare=first["memory_mb"],
            compare_unit="MB",
            goal=_MEMORY_MB,
            at_least=False,
        ),
    ]


def _floor(deliveries: Deliveries, persons: int) -> float:
    parameters = {
        key: value
        for key, value in connection.get_connection_params().items()
        if key in {"dbname", "host", "port", "user", "password"} and value
    }
    files = sorted(deliveries.first.glob("*.xml"))
    return parse_and_copy_rate(files, conninfo=make_conninfo(**parameters), persons=persons)


def _import(folder: Path) -> dict[str, Any]:
    connection.close()
    done = subprocess.run(
        [sys.executable, "-m", "bench.once", str(folder), AUTHORITY],
        cwd=ROOT,
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"the import died: {done.stderr[-1500:]}")
    outcome: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if outcome["state"] != "appliquee":
        raise RuntimeError(f"the import ended {outcome['state']}: {outcome['refusal']}")
    return outcome


def _check_truth(deliveries: Deliveries) -> None:
    """A fast import of something else would be no measure."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE login <> '') FROM directory_person")
        found = cursor.fetchone()
    truth = deliveries.truth
    unattached = truth.staff - truth.staff_with_account
    if found[0] not in {truth.persons, truth.persons - unattached} or found[1] != truth.accounts:
        raise RuntimeError(f"imported {found}, expected {truth.persons} and {truth.accounts}")


def _bulk_create_rate(deliveries: Deliveries) -> float:
    """The same import as one writes it with Django without thinking, the persons alone.

    The same files read with lxml, a `Person` for each object, every column that we fill, batches
    of `bulk_create(update_conflicts=True)`. A tenth of the delivery, an equal number of each file.
    """
    files = [path for path in sorted(deliveries.first.glob("*.xml")) if "Pers" in path.name]
    files += sorted(deliveries.first.glob("*_Eleve_*.xml"))
    schools = cycle(School.objects.order_by("id"))
    uuids: list[uuid.UUID] = []

    def work() -> None:
        with transaction.atomic():
            for path in files:
                objects = islice(read_objects(path), _PEER_ROWS // len(files))
                while people := [
                    _person(found, next(schools), f"banc.{external_id}")
                    for _, external_id, found in islice(objects, _PEER_BATCH)
                ]:
                    Person.objects.bulk_create(
                        people,
                        update_conflicts=True,
                        unique_fields=["uuid"],
                        update_fields=_PEER_UPDATES,
                    )
                    uuids.extend(person.uuid for person in people)

    seconds = timed(work)
    Person.objects.filter(uuid__in=uuids).delete()
    return len(uuids) / seconds


def _person(found: dict[str, list[str]], school: School, login: str) -> Person:
    def first(name: str) -> str:
        return (found.get(name) or [""])[0]

    family, given = first("sn"), first("givenName")
    birth_name, others = first("ENTPersonNomPatro"), first("ENTPersonAutresPrenoms")
    sort_key, search_key, _ = name_keys(family, given, birth_name, others)
    born = first("ENTPersonDateNaissance")
    return Person(
        profile=Profile.GUARDIAN,
        title=first("personalTitle")[:10],
        family_name=family,
        given_name=given,
        birth_name=birth_name,
        other_names=others,
        birth_date=datetime.strptime(born, "%d/%m/%Y").date() if born else None,  # noqa: DTZ007
        ine=first("ENTEleveINE"),
        email=first("mail"),
        home_phone=first("homePhone"),
        mobile_phone=first("mobile"),
        work_phone=first("telephoneNumber"),
        address="\n".join(first("ENTPersonAdresse").split("$")),
        postal_code=first("ENTPersonCodePostal"),
        town=first("ENTPersonVille"),
        country=first("ENTPersonPays"),
        main_school=school,
        login=login,
        sort_key=sort_key,
        search_key=search_key,
    )


def _row_versions() -> str:
    """The newest transaction that wrote a person row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        return str(cursor.fetchone()[0])


def _rewritten_rows(before: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM directory_person WHERE xmin::text::bigint >= %s::bigint", [before]
        )
        return int(cursor.fetchone()[0])


def _print_steps(outcome: dict[str, Any]) -> None:
    slowest = sorted(outcome["steps"], key=lambda step: -step[1])[:12]
    sys.stdout.write(f"First import: {outcome['seconds']:.1f} s; its slowest steps:\n")
    for title, seconds in slowest:
        sys.stdout.write(f"  {seconds:7.1f} s  {title}\n")
