"""Search among many: fill a synthetic directory, time what the screen asks of the database.

``fill`` writes persons by ``INSERT … SELECT``, 1,200 a school; ``measure`` answers with the 95th
percentile, in milliseconds, of each kind of search, for an ENT administrator who sees everybody
and for the administrator of one school.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction

from directory.actors import Actor, Grant
from directory.enums import Profile, Role
from directory.facets import facets_of
from directory.forms.search import Criteria
from directory.listing import build_rows, look_up, order_persons
from directory.models import Person, School
from directory.pages import page_of
from ent.folding import fold

_FAMILY = """
    Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent
    Lefebvre Michel Garcia David Bertrand Roux Vincent Fournier Morel Girard André Lefèvre
    Mercier Dupont Lambert Bonnet François Martinez Legrand Garnier Faure Rousseau Blanc
    Guérin Muller Henry Roussel Nicolas Perrin Morin Mathieu Clément Gauthier Dumont Lopez
    Fontaine Chevalier Robin Masson Sanchez Gérard Nguyen Boyer Denis Lemaire Duval Joly
    Gautier Roger Roche Roy Noël Meyer Lucas Meunier Jean Pérez Marchand Dufour Blanchard
    Marie Barbier Brun Dumas Brunet Schmitt Leroux Colas Fernandez Renard Arnaud Rolland
    Caron Aubert Giraud Leclerc Vidal Bourgeois Renaud Lemoine Picard Gaillard Philippe
    Leclercq Lacroix Fabre Dupuis Olivier Rodriguez Da-Silva Hubert Louis Charles Guillot
    Rivière Le-Gall Guillaume Adam Rey O’Brien N’Guessan De-La-Tour Zimmermann Kieffer Weber
    Klein Schneider Hoffmann Wagner Becker Koch
""".split()  # noqa: SIM905 - words read better than a column of quotes
_GIVEN = """
    Emma Gabriel Jade Léo Louise Raphaël Alice Arthur Chloé Louis Inès Lucas Léa Adam Manon
    Jules Rose Hugo Anna Maël Lina Liam Mila Noah Ambre Paul Juliette Nathan Lou Sacha Zoé
    Gabin Lena Ethan Agathe Mohamed Jeanne Aaron Eva Tom Camille Noé Sarah Théo Romane Malo
    Nina Martin Clara Axel Inaya Yanis Margaux Antoine Éléonore Maxence Apolline Célestin
    Marie Jean-Baptiste
""".split()  # noqa: SIM905 - words read better than a column of quotes
_PER_SCHOOL = 1_200


@dataclass(frozen=True, slots=True)
class SearchTiming:
    """One kind of search: 95th percentile and median, in milliseconds, of the database's part."""

    name: str
    p95_ms: float
    median_ms: float


@transaction.atomic
def fill(persons: int, *, seed: int = 7) -> None:
    """Add *persons* synthetic persons in schools of their own; deterministic."""
    rng = random.Random(seed)
    names = []
    for _ in range(20_000):
        family = rng.choice(_FAMILY) + (f"-{rng.choice(_FAMILY)}" if rng.random() < 0.3 else "")
        if rng.random() < 0.5:
            family += rng.choice(["et", "on", "in", "ard", "eau", "el", "ot", "is", "ier", "y"])
        given = rng.choice(_GIVEN)
        names.append((family, given, fold(f"{family} {given}")))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE bench_name (n int PRIMARY KEY, family text, given text, folded text)"
        )
        with cursor.copy("COPY bench_name FROM STDIN") as copy:
            for number, row in enumerate(names):
                copy.write_row((number, *row))
        for statement in _FILL:
            cursor.execute(
                statement,
                {"persons": persons, "schools": max(2, persons // _PER_SCHOOL), "names": 20_000},
            )


_FILL = (
    """INSERT INTO directory_authority (uuid, code, name, kind, feed_name, helpdesk_email,
         helpdesk_phone)
       SELECT gen_random_uuid(), 'BENCH', 'Académie de mesure', 'academie', '', '', ''""",
    """INSERT INTO directory_school (uuid, authority_id, uai, name, kind_label, kind_code, sector,
         siret, street, post_box, postal_code, town, phone, fax, email, slug, search_key, is_active,
         is_active_by_hand, created_at)
       SELECT gen_random_uuid(), a.id, lpad((9000000 + n)::text, 7, '0') || 'A', 'Collège ' || n,
         '', '', '', '', '', '', '54000', 'Nancy', '', '', '', 'bench-' || n, 'college ' || n,
         true, false, now()
       FROM directory_authority a, generate_series(1, %(schools)s) n WHERE a.code = 'BENCH'""",
    """CREATE TEMP TABLE bench_school AS
       SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM directory_school
       WHERE slug LIKE 'bench-%%'""",
    """INSERT INTO directory_person (uuid, profile, title, family_name, given_name, birth_name,
         other_names, ine, email, home_phone, work_phone, mobile_phone, address, postal_code, town,
         country, main_school_id, login, access_state, source, sort_key, search_key, created_at)
       SELECT gen_random_uuid(),
         CASE WHEN i %% 25 < 9 THEN 'eleve' WHEN i %% 25 < 24 THEN 'tuteur' ELSE 'enseignant' END,
         '', b.family, b.given, '', '', '', '', '', '', '', '', '', '', '', s.id, '',
         CASE WHEN i %% 500 = 0 THEN 'bloque' WHEN i %% 3 = 0 THEN 'active' ELSE 'non-active' END,
         'flux', b.folded, b.folded, now()
       FROM generate_series(1, %(persons)s) i
       JOIN bench_name b ON b.n = (i * 7919::bigint) %% %(names)s
       JOIN bench_school s ON s.n = i %% %(schools)s""",
    """INSERT INTO directory_affiliation (person_id, school_id, profile, function_code,
         function_label, post_code, post_label, source)
       SELECT p.id, p.main_school_id, p.profile, '', '', '', '', 'flux'
       FROM directory_person p JOIN bench_school s ON s.id = p.main_school_id""",
    "ANALYZE directory_person",
    "ANALYZE directory_affiliation",
)


def measure(
    *, school: School | None = None, rounds: int = 40, seed: int = 11
) -> list[SearchTiming]:
    """Time each kind of search as the screen runs it: count, page, rows, facets."""
    rng = random.Random(seed)
    school = school or School.objects.filter(slug="bench-1").get()
    person = Person.objects.filter(main_school=school).first()
    if person is None:
        raise RuntimeError("fill the directory first")
    portal = Actor(person.pk, person.uuid, Profile.GUEST, (Grant(Role.ENT_ADMINISTRATOR),))
    local = Actor(
        person.pk,
        person.uuid,
        Profile.GUEST,
        (Grant(Role.SCHOOL_ADMINISTRATOR, school_id=school.pk),),
    )
    kinds: dict[str, Callable[[], str]] = {
        "nothing typed": lambda: "",
        "one letter": lambda: rng.choice("abcdefghijlmnoprstvw"),
        "two letters": lambda: rng.choice(_FAMILY)[:2],
        "three letters": lambda: rng.choice(_FAMILY)[:3],
        "a family name": lambda: rng.choice(_FAMILY),
        "a given name": lambda: rng.choice(_GIVEN),
        "two words": lambda: f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}",
        "two beginnings": lambda: f"{rng.choice(_GIVEN)[:3]} {rng.choice(_FAMILY)[:3]}",
        "a letter and a name": lambda: f"{rng.choice(_GIVEN)[0]} {rng.choice(_FAMILY)}",
        "nobody": lambda: "zzyzx quux",
    }
    return [
        _timing(f"{name}, {where}", actor, typed, rounds)
        for where, actor in (("whole portal", portal), ("one school", local))
        for name, typed in kinds.items()
    ]


def _timing(name: str, actor: Actor, typed: Callable[[], str], rounds: int) -> SearchTiming:
    times = []
    for _ in range(rounds):
        criteria = Criteria(typed=typed())
        started = time.perf_counter()
        found = look_up(actor, criteria)
        page = page_of(order_persons(found.persons, "nom"), 1, counted=found.count)
        build_rows(actor, list(page))
        if found.identifiers:
            facets_of(actor, found.identifiers)
        times.append((time.perf_counter() - started) * 1000)
    return SearchTiming(
        name=name,
        p95_ms=statistics.quantiles(times, n=20)[18],
        median_ms=statistics.median(times),
    )
