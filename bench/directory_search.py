"""Search among many: fill a synthetic directory, time what the screen asks of the database.

``fill`` writes persons by ``INSERT … SELECT``, 1,200 a school; ``measure`` answers with the 95th
percentile, in milliseconds, of what each kind of search spends in the database's statements, for
whoever sees everybody, an academy, five schools, one, or a class.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import unescape

from django.db import connection, transaction

from demo.aaf.names import (
    BOYS,
    FATHERS,
    GIRLS,
    MOTHERS,
)
from demo.aaf.surnames import SURNAMES
from directory.enums import AccessState, GroupKind, MembershipRole, Profile, Role
from directory.models import Group, Person, School, Subject
from directory.names.folded import folded_names
from directory.rights.actors import Actor, Grant
from directory.search.facets import facets_of
from directory.search.forms import LEAVING, Criteria
from directory.search.listing import build_rows, persons_in_order
from directory.search.results import look_up
from ent.pages.pagination import paginate

_PER_SCHOOL = 1_200
_MOST_NAMES = 200_000
_PEOPLE = 500
#: The most frequent of 750 names is borne by 1.2 % of the people.
_SKEW = 1.5


@dataclass(frozen=True, slots=True)
class SearchKind:
    """What is asked, by whom."""

    name: str
    where: str
    is_filtered: bool


@dataclass(frozen=True, slots=True)
class SearchTiming:
    """One kind of search: 95th percentile and median, in milliseconds, of the database's part."""

    kind: SearchKind
    p95_ms: float
    median_ms: float


@transaction.atomic
def fill(persons: int, *, seed: int = 7) -> None:
    """Add *persons* synthetic persons in schools of their own; deterministic.

    The generator's names, some borne by a hundredth of everybody, as in life. Neighbours in the
    table belong to different schools: the worst order for who looks at one school.
    """
    rng = random.Random(seed)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE bench_name (n int PRIMARY KEY, family text, given text,"
            " birth text, others text, folded text, words text) ON COMMIT DROP"
        )
        with cursor.copy("COPY bench_name FROM STDIN") as copy:
            for number, row in enumerate(_draw_names(rng, min(persons, _MOST_NAMES))):
                copy.write_row((number, *row))
        schools = max(2, persons // _PER_SCHOOL)
        for statement in _FILL:
            cursor.execute(
                statement,
                {
                    "persons": persons,
                    "schools": schools,
                    "names": min(persons, _MOST_NAMES),
                    "pupil": MembershipRole.PUPIL,
                    "teacher": MembershipRole.TEACHER,
                },
            )


def _draw_names(rng: random.Random, count: int) -> Iterator[tuple[str, ...]]:
    families = [unescape(name.plain, {"&apos;": "'"}) for name in SURNAMES]
    givens = [unescape(name.plain, {"&apos;": "'"}) for name in GIRLS + BOYS + MOTHERS + FATHERS]
    rng.shuffle(families)
    rng.shuffle(givens)

    def draw(names: list[str]) -> str:
        return names[int(len(names) * rng.random() ** _SKEW)]

    for _ in range(count):
        family, given = draw(families), draw(givens)
        if rng.random() < 0.12:
            family += f"-{draw(families)}"
        birth = draw(families) if rng.random() < 0.25 else ""
        others = draw(givens) if rng.random() < 0.2 else ""
        yield family, given, birth, others, *folded_names(family, given, birth, others)


_FILL = (
    """INSERT INTO directory_authority (uuid, code, name, kind, feed_name, helpdesk_email,
         helpdesk_phone)
       SELECT gen_random_uuid(), 'BENCH' || n, 'Académie de mesure', 'academie', '', '', ''
       FROM generate_series(0, 9) n""",
    """INSERT INTO directory_school (uuid, authority_id, uai, name, kind_label, kind_code, sector,
         siret, street, post_box, postal_code, town, phone, fax, email, slug, search_key, is_active,
         is_active_by_hand, functional_refs, created_at)
       SELECT gen_random_uuid(), a.id, lpad((9000000 + n)::text, 7, '0') || 'A', 'Collège ' || n,
         '', '', '', '', '', '', '54000', 'Nancy', '', '', '', 'bench-' || n, 'college ' || n,
         true, false, '{}', now()
       FROM generate_series(1, %(schools)s) n
       JOIN directory_authority a ON a.code = 'BENCH' || n %% 10""",
    """CREATE TEMP TABLE bench_school ON COMMIT DROP AS
       SELECT id, authority_id, row_number() OVER (ORDER BY id) - 1 AS n FROM directory_school
       WHERE slug LIKE 'bench-%%'""",
    """INSERT INTO directory_person (uuid, profile, title, family_name, given_name, birth_name,
         other_names, ine, email, home_phone, work_phone, mobile_phone, address, postal_code, town,
         country, main_school_id, login, access_state, source, sort_key, search_key, academies,
         siecle_id, mef_code, mef_label, level, boarding, pupil_status, created_at)
       SELECT gen_random_uuid(),
         CASE WHEN r < 0.36 THEN 'eleve' WHEN r < 0.96 THEN 'tuteur' ELSE 'enseignant' END,
         '', b.family, b.given, b.birth, b.others, '', '', '', '', '', '3 rue du Préau', '54000',
         'Nancy', 'FRANCE', s.id, '',
         CASE WHEN q < 0.002 THEN 'bloque' WHEN q < 0.3 THEN 'active' ELSE 'non-active' END,
         'flux', b.folded, b.words, '@' || s.authority_id || ' ', '', '', '', '', '', '', now()
       FROM (SELECT i, hashint8(i::bigint) / 4294967296.0 + 0.5 AS r,
                    hashint8(i + 77777777::bigint) / 4294967296.0 + 0.5 AS q
             FROM generate_series(1, %(persons)s) i) d
       JOIN bench_name b ON b.n = (i * 7919::bigint) %% %(names)s
       JOIN bench_school s ON s.n = i %% %(schools)s
       ORDER BY i""",
    """INSERT INTO directory_affiliation (person_id, school_id, profile, function_code,
         function_label, post_code, post_label, source)
       SELECT p.id, p.main_school_id, p.profile, '', '', '', '', 'flux'
       FROM directory_person p JOIN bench_school s ON s.id = p.main_school_id""",
    """INSERT INTO directory_group (uuid, school_id, kind, code, label, sort_key, mef_codes,
         class_codes, source, is_present)
       SELECT gen_random_uuid(), s.id, 'classe', (6 - c / 5) || 'E' || c %% 5 + 1, '',
         (6 - c / 5) || 'e' || c %% 5 + 1, '{}', '{}', 'flux', true
       FROM bench_school s, generate_series(0, 19) c""",
    """INSERT INTO directory_membership (person_id, group_id, role, source)
       SELECT p.id, g.id, CASE p.profile WHEN 'eleve' THEN %(pupil)s ELSE %(teacher)s END, 'flux'
       FROM (SELECT *, row_number() OVER (PARTITION BY main_school_id ORDER BY id) AS rank
             FROM directory_person WHERE profile <> 'tuteur') p
       JOIN bench_school s ON s.id = p.main_school_id
       JOIN directory_group g ON g.school_id = s.id
        AND g.code = (6 - rank %% 20 / 5) || 'E' || rank %% 20 %% 5 + 1""",
    """INSERT INTO directory_subject (authority_id, code, label, parent_code)
       SELECT a.id, n::text, (ARRAY['Français', 'Mathématiques', 'Latin'])[n], ''
       FROM directory_authority a, generate_series(1, 3) n WHERE a.code LIKE 'BENCH%%'""",
    """INSERT INTO directory_teaching (person_id, group_id, subject_id, source)
       SELECT m.person_id, m.group_id, j.id, 'flux'
       FROM directory_membership m
       JOIN directory_group g ON g.id = m.group_id
       JOIN directory_school s ON s.id = g.school_id
       JOIN directory_subject j ON j.authority_id = s.authority_id
        AND j.code = (1 + m.person_id %% 3)::text
       WHERE m.role = %(teacher)s""",
    "ANALYZE directory_school",
    "ANALYZE directory_subject",
    "ANALYZE directory_person",
    "ANALYZE directory_affiliation",
    "ANALYZE directory_membership",
    "ANALYZE directory_group",
    "ANALYZE directory_teaching",
)


def measure(
    *, school: School | None = None, rounds: int = 100, seed: int = 11
) -> list[SearchTiming]:
    """Time each kind of search as the screen runs it: look-up, page, rows, facets."""
    rng = random.Random(seed)
    school = school or School.objects.filter(slug="bench-1").get()
    names, filters = _kinds(rng)
    return [
        _timing(SearchKind(name, where, kinds is filters), actor, asked, rounds)
        for where, actor in _actors(school).items()
        for kinds in (names, filters)
        for name, asked in kinds.items()
    ]


def _actors(school: School) -> dict[str, Actor]:
    """Whoever searches: the head of the portal, one school, several, an academy, a class."""
    person = Person.objects.filter(main_school=school).first()
    if person is None:
        raise RuntimeError("fill the directory first")
    few = School.objects.active().order_by("uai").values_list("pk", flat=True)[:5]
    group = Group.objects.filter(school=school, kind=GroupKind.CLASS).first()
    grants = {
        "whole portal": [Grant(Role.ENT_ADMINISTRATOR)],
        "one school": [Grant(Role.SCHOOL_ADMINISTRATOR, school_id=school.pk)],
        "five schools": [Grant(Role.SCHOOL_ADMINISTRATOR, school_id=pk) for pk in few],
        "one academy": [Grant(Role.ENT_ADMINISTRATOR, authority_id=school.authority_id)],
    }
    if group is not None:
        grants["one class"] = [Grant(Role.FORM_TEACHER, school_id=school.pk, group_id=group.pk)]
    return {
        where: Actor(person.pk, person.uuid, Profile.GUEST, tuple(held))
        for where, held in grants.items()
    }


def _kinds(
    rng: random.Random,
) -> tuple[dict[str, Callable[[], Criteria]], dict[str, Callable[[], Criteria]]]:
    """What is asked: every length and several words, then every filter."""
    known = list(
        Person.objects.order_by("uuid")
        .exclude(given_name="")
        .values_list("family_name", "given_name")[:_PEOPLE]
    )

    def family() -> str:
        return rng.choice(known)[0]

    def given() -> str:
        return rng.choice(known)[1]

    typed: dict[str, Callable[[], str]] = {
        "nothing typed": lambda: "",
        "one letter": lambda: rng.choice("abcdefghijlmnoprstvw"),
        "two letters": lambda: family()[:2],
        "three letters": lambda: family()[:3],
        "a family name": family,
        "a given name": given,
        "a given name's beginning": lambda: given()[:3],
        "two words": lambda: " ".join(rng.choice(known)),
        "two beginnings": lambda: f"{given()[:3]} {family()[:3]}",
        "two letters of two words": lambda: f"{given()[0]} {family()[0]}",
        "a letter and a name": lambda: f"{given()[0]} {family()}",
        "nobody": lambda: "zzyzx quux",
    }

    def plain(words: Callable[[], str]) -> Callable[[], Criteria]:
        return lambda: Criteria(typed=words())

    letters = [typed[name] for name in ("nothing typed", "one letter", "a family name")]
    code = Group.objects.filter(kind=GroupKind.CLASS).values_list("code", flat=True).first() or ""
    label = Subject.objects.exclude(label="").values_list("label", flat=True).first() or ""

    def words() -> str:
        return rng.choice(letters)()

    return {name: plain(one) for name, one in typed.items()}, {
        "teachers": lambda: Criteria(typed=words(), profile=Profile.TEACHER),
        "pupils": lambda: Criteria(typed=words(), profile=Profile.PUPIL),
        "blocked": lambda: Criteria(typed=words(), state=AccessState.BLOCKED),
        "leaving": lambda: Criteria(typed=words(), state=LEAVING),
        "blocked pupils": lambda: Criteria(
            typed=words(), state=AccessState.BLOCKED, profile=Profile.PUPIL
        ),
        "a class": lambda: Criteria(typed=words(), class_code=code),
        "a subject": lambda: Criteria(typed=words(), subject=label),
        "family name field": lambda: Criteria(family_name=family()[: rng.randint(1, 6)]),
        "given name field": lambda: Criteria(given_name=given()[: rng.randint(1, 6)]),
        "both fields": lambda: Criteria(family_name=family(), given_name=given()[:3]),
    }


class _Statements:
    """Adds up the time between sending each statement and holding all of its rows.

    A client-side cursor of psycopg holds them when ``execute`` returns. What Django does before
    and after, compiling the query and making objects of the rows, is in the page's line.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - started


def _timing(
    kind: SearchKind, actor: Actor, asked: Callable[[], Criteria], rounds: int
) -> SearchTiming:
    times = []
    for _ in range(rounds):
        criteria = asked()
        statements = _Statements()
        with connection.execute_wrapper(statements):
            found = look_up(actor, criteria)
            page = paginate(found.identifiers, 1, counted=found.count)
            build_rows(actor, persons_in_order(list(page)))
            facets_of(actor, found, criteria)
        times.append(statements.seconds * 1000)
    return SearchTiming(
        kind=kind,
        p95_ms=statistics.quantiles(times, n=20)[18],
        median_ms=statistics.median(times),
    )
