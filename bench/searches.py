"""Search: what people type, at every length, in the database and as a page."""

from __future__ import annotations

import random
import sys
import time

from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.provisioning.administrators import create_administrator
from bench.directory_search import SearchTiming, measure
from bench.lines import Line, percentile
from directory.models import Person, School
from ent.text.folding import fold
from signin.enums import Method
from signin.sessions.methods import METHODS_KEY

_PAGES = 200


def measure_search() -> list[Line]:
    """p95 of the worst kind of search, for who sees everybody and for who sees a part."""
    with connection.cursor() as cursor:  # what autovacuum does in the minutes after an import
        cursor.execute("VACUUM ANALYZE directory_person, directory_affiliation")
    people = Person.objects.count()
    school = School.objects.active().order_by("uai").first()
    timings = measure(school=school)
    for one in sorted(timings, key=lambda one: -one.p95_ms)[:10]:
        sys.stdout.write(f"  p95 {one.p95_ms:6.1f} ms  {one.kind.name}, {one.kind.where}\n")
    floor, peer = _indexed_range_p95(), _unindexed_median()
    pages = _page_times()
    groups: dict[tuple[str, bool], list[SearchTiming]] = {}
    for one in timings:
        groups.setdefault((one.kind.where, one.kind.is_filtered), []).append(one)
    return [
        *(
            _database_line(
                people, f"{where}, filters" if is_filtered else where, group, floor, peer
            )
            for (where, is_filtered), group in groups.items()
        ),
        Line(
            work=f"search among {people:,}: page, p95",
            ours=f"{percentile(pages, 0.95):.1f} ms, median {percentile(pages, 0.5):.1f}",
            compare=percentile(pages, 0.95),
            compare_unit="ms",
            goal=80,
            at_least=False,
        ),
    ]


def _database_line(
    people: int, where: str, timings: list[SearchTiming], floor: float, peer: float
) -> Line:
    worst = max(timings, key=lambda one: one.p95_ms)
    return Line(
        work=f"search among {people:,}, {where}: database, p95 of the worst kind",
        floor=f"{floor:.1f} ms (one index)",
        peer=f"{peer:.0f} ms (no index)",
        ours=f"{worst.p95_ms:.1f} ms ({worst.kind.name}), median {worst.median_ms:.1f}",
        compare=worst.p95_ms,
        compare_unit="ms",
        goal=30,
        at_least=False,
    )


def _page_times() -> list[float]:
    """Whole requests of an administrator who sees everybody."""
    created = create_administrator(
        given_name="Banc", family_name="Essai", password="un banc sous le preau"
    )
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(created.account)
    session = client.session
    session[METHODS_KEY] = [Method.TOTP.value]  # an administrator proves a second factor
    session.save()
    address = reverse("directory:search")
    client.get(address)
    times = []
    for words in _typed():
        began = time.perf_counter()
        answer = client.get(address, {"q": words})
        times.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"search answered {answer.status_code}")
    return times


def _typed() -> list[str]:
    """First letters of every length, whole names with accents, several words in any order."""
    chance = random.Random(1)
    people = Person.objects.order_by("uuid").values_list("family_name", "given_name")[:_PAGES]
    typed = []
    for family, given in people:
        forms = (
            family[: chance.randint(1, 3)],
            family[: chance.randint(3, 6)],
            family,
            f"{given} {family}",
            f"{family} {given[:2]}",
            given or family,
        )
        typed.append(chance.choice(forms))
    return typed


def _indexed_range_p95() -> float:
    """The least: twenty rows from a range of the b-tree on the folded name."""
    times = []
    for words in _typed():
        start = fold(words) or "a"
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT id, sort_key FROM directory_person WHERE sort_key COLLATE "C" >= %s'
                ' AND sort_key COLLATE "C" < %s ORDER BY sort_key COLLATE "C", id LIMIT 20',
                [start, start + "{"],
            )
            cursor.fetchall()
        times.append((time.perf_counter() - began) * 1000)
    return percentile(times, 0.95)


def _unindexed_median() -> float:
    """What one would write first: the names that hold some letters, in order, without an index."""
    times = []
    for words in _typed()[:9]:
        with transaction.atomic(), connection.cursor() as cursor:
            for kind in ("indexscan", "indexonlyscan", "bitmapscan"):
                cursor.execute(f"SET LOCAL enable_{kind} = off")
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
            began = time.perf_counter()
            cursor.execute(
                "SELECT id FROM directory_person WHERE strpos(search_key, %s) > 0"
                ' ORDER BY sort_key COLLATE "C", id LIMIT 20',
                [fold(words)],
            )
            cursor.fetchall()
            times.append((time.perf_counter() - began) * 1000)
    return percentile(times, 0.5)
