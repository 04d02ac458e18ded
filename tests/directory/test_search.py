"""Finding people by what one half remembers (T-I1)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from directory.enums import Profile
from directory.models import Person, School
from tests import factories as make
from tests.cast import Cast

ClientOf = Callable[[Person | None], Client]

NAMES = [
    ("Siobhán", "O’Brien"),
    ("Kim", "N'Guyen"),
    ("Hélène", "de La Tour d’Auvergne"),
    ("Jean-Baptiste", "Lefèvre-Dubois"),
    ("Zoë", "Œuvrard"),
    ("Anne Marie", "Abdel-Kader Ben Youssef El-Mansouri Fernandez de la Cruz Gutierrez"),
    ("X", "Li"),
    ("<script>alert(1)</script>", "Scripté"),
]


@pytest.fixture
def school(cast: Cast) -> School:
    """School A with names that trip searches up."""
    for given, family in NAMES:
        make.make_person(
            given_name=given, family_name=family, school=cast.school_a, profile=Profile.PUPIL
        )
    return cast.school_a


@pytest.mark.parametrize("who", ["manager_a", "ent_administrator"])
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("O'Brien", "O’Brien"),
        ("O’Brien", "O’Brien"),
        ("o brien", "O’Brien"),
        ("BRIEN", "O’Brien"),
        ("siobhan", "O’Brien"),
        ("n'guyen", "N'Guyen"),
        ("d'auvergne", "de La Tour d’Auvergne"),
        ("d’auvergne", "de La Tour d’Auvergne"),
        ("la tour", "de La Tour d’Auvergne"),
        ("helene", "de La Tour d’Auvergne"),
        (unicodedata.normalize("NFD", "Hélène"), "de La Tour d’Auvergne"),
        ("dubois jean", "Lefèvre-Dubois"),
        ("jean baptiste lefevre", "Lefèvre-Dubois"),
        ("lefèvre-dub", "Lefèvre-Dubois"),
        ("oeuvr", "Œuvrard"),
        ("ŒUVRARD zoe", "Œuvrard"),
        ("gutierrez abdel", "Abdel-Kader Ben Youssef"),
        ("li", "Li"),
        ("l x", "Li"),
        ("  li  ", "Li"),
    ],
)
def test_accents_case_apostrophes_and_order_do_not_matter(
    typed: str, found: str, who: str, school: School, cast: Cast, client_of: ClientOf
) -> None:
    page = client_of(getattr(cast, who)).get("/annuaire/", {"q": typed})
    assert [row.person.family_name[: len(found)] for row in page.context["rows"]].count(found) == 1


PARTS = [
    ("Élise", "Œuvré-d’Été"),
    ("ÉLOÏSE", "ÇELIK"),
    ("JEAN-FRANÇOIS", "ÜNAL"),
    ("Nguyệt", "Đặng"),
    ("Ægir", "Straße"),
    (unicodedata.normalize("NFD", "Agnès"), unicodedata.normalize("NFD", "NOËL")),
    ("Marie.Ange (Mia)", "N'GUESSAN"),
]


@pytest.mark.parametrize("who", ["manager_a", "ent_administrator"])
@pytest.mark.parametrize(
    ("field", "typed", "number"),
    [
        ("prenom", "élise", 0),
        ("prenom", "elise", 0),
        ("prenom", "ÉLI", 0),
        ("prenom", unicodedata.normalize("NFD", "Élise"), 0),
        ("nom", "oeuvre", 0),
        ("nom", "ŒUVRÉ D'ÉTÉ", 0),
        ("nom", "été œuvré", 0),
        ("prenom", "eloise", 1),
        ("prenom", "éloïse", 1),
        ("nom", "çelik", 1),
        ("nom", "celik", 1),
        ("prenom", "jean françois", 2),
        ("prenom", "francois jean", 2),
        ("prenom", "jean-francois", 2),
        ("nom", "ünal", 2),
        ("prenom", "nguyet", 3),
        ("nom", "dang", 3),
        ("prenom", "aegir", 4),
        ("nom", "strasse", 4),
        ("prenom", "agnes", 5),
        ("prenom", "Agnès", 5),
        ("nom", "noël", 5),
        ("prenom", "ange marie", 6),
        ("prenom", "mia", 6),
        ("nom", "n’guessan", 6),
    ],
)
def test_each_field_of_the_advanced_search_folds_what_the_names_hold(
    field: str, typed: str, number: int, who: str, cast: Cast, client_of: ClientOf
) -> None:
    """PostgreSQL of locale C lowers no accented letter; feeds write whole names in capitals."""
    for given, family in PARTS:
        make.make_person(given_name=given, family_name=family, school=cast.school_a)
    page = client_of(getattr(cast, who)).get("/annuaire/", {"vue": "avancee", field: typed})
    given, family = PARTS[number]
    assert (given, family) in {
        (row.person.given_name, row.person.family_name) for row in page.context["rows"]
    }
    other = {"prenom": "nom", "nom": "prenom"}[field]
    page = client_of(getattr(cast, who)).get("/annuaire/", {"vue": "avancee", other: typed})
    assert given not in {row.person.given_name for row in page.context["rows"]}


@pytest.mark.parametrize(
    "typed",
    [
        "%",
        "_",
        "\\",
        '"',
        "'",
        "*)(uid=*",
        "')--",
        "&|!():*<->",
        "(a+)+$",
        "((((((((((" * 50,
        "a:* & b:*",
        "Ωмега",
        "🙂",
        "zzz" * 4000,
        "a " * 5000,
        "é" * 10_000,
        "<script>alert(2)</script>",
    ],
)
@pytest.mark.parametrize("field", ["q", "nom", "prenom"])
@pytest.mark.timeout(60)  # a search that runs away is ended
def test_hostile_input_is_only_text(
    typed: str, field: str, school: School, cast: Cast, client_of: ClientOf
) -> None:
    asked = {field: typed} if field == "q" else {"vue": "avancee", field: typed}
    page = client_of(cast.ent_administrator).get("/annuaire/", asked)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "SELECT" not in page.text
    assert "syntax error" not in page.text


def test_signs_alone_find_nobody_and_say_what_to_do(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.manager_a).get("/annuaire/", {"q": "%%%"})
    assert "Aucun utilisateur trouvé" in page.text


def test_a_cyrillic_look_alike_is_not_its_latin_twin(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.manager_a).get("/annuaire/", {"q": "Маrtin"})
    assert "Claire" not in page.text


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"nom": "martin"}, {"Anna", "Claire"}),
        ({"prenom": "martin"}, set()),
        ({"prenom": "clai", "nom": "mar"}, {"Claire"}),
        ({"profil": "enseignant"}, {"Élise", "Félix"}),
        ({"classe": "6E1"}, {"Naël"}),
        ({"matiere": "Français"}, {"Félix"}),
        ({"etat": "active", "profil": "eleve"}, {"Manon", "Naël", "Anna"}),
        ({"etat": "bloque"}, set()),
        ({"etat": "en-depart"}, set()),
    ],
)
def test_the_advanced_search_narrows(
    asked: dict[str, str], names: set[str], cast: Cast, client_of: ClientOf
) -> None:
    page = client_of(cast.manager_a).get("/annuaire/", {"vue": "avancee", **asked})
    assert {row.person.given_name for row in page.context["rows"]} == names


def test_a_group_is_chosen_by_browsing(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.manager_a)
    page = client.get("/annuaire/groupes/", {"q": "4e", "profil": "eleve"})
    assert f"groupe={cast.class_a.uuid}" in page.text
    found = client.get(
        "/annuaire/", {"vue": "avancee", "profil": "eleve", "groupe": str(cast.class_a.uuid)}
    )
    assert {row.person.given_name for row in found.context["rows"]} == {"Manon", "Anna"}
    foreign = client.get("/annuaire/", {"vue": "avancee", "groupe": str(cast.class_b.uuid)})
    assert "Ce groupe n’existe pas" in foreign.text


def test_several_schools_are_ticked_or_typed(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.ent_administrator)
    ticked = client.get(
        "/annuaire/",
        {"vue": "avancee", "profil": "eleve", "etablissement": ["0541111A", "0513333C"]},
    )
    names = {row.person.given_name for row in ticked.context["rows"]}
    assert names == {"Manon", "Naël", "Anna", "Pauline"}


def test_one_result_is_counted_in_the_singular(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.manager_a).get("/annuaire/", {"q": "manon"})
    assert "1 résultat<" in page.text


def test_pages_keep_the_filters_and_sort_says_its_direction(
    cast: Cast, client_of: ClientOf
) -> None:
    for number in range(25):
        make.make_person(family_name=f"Pagé{number:02d}", school=cast.school_a)
    client = client_of(cast.manager_a)
    page = client.get("/annuaire/", {"q": "page", "tri": "-nom"})
    assert "q=page&amp;tri=-nom&amp;page=2" in page.text
    assert 'aria-sort="descending"' in page.text
    assert len(page.context["rows"]) == 20
    assert page.context["rows"][0].person.family_name == "Pagé24"
    last = client.get("/annuaire/", {"q": "page", "tri": "-nom", "page": "2"})
    assert [row.person.family_name for row in last.context["rows"]][-1] == "Pagé00"
    assert client.get("/annuaire/", {"q": "page", "page": "zzz"}).status_code == 200


def test_beyond_a_thousand_the_list_says_more_than(cast: Cast, client_of: ClientOf) -> None:
    Person.objects.bulk_create(
        Person(
            profile=Profile.PUPIL,
            family_name="Foule",
            sort_key="foule",
            search_key="foule",
            main_school=cast.school_a,
        )
        for _ in range(1_001)
    )
    page = client_of(cast.ent_administrator).get("/annuaire/", {"q": "foule", "tri": "prenom"})
    assert "Plus de 1\u202f000 résultats" in page.text
    assert page.context["page"].paginator.num_pages == 50


def test_the_number_of_statements_does_not_grow_with_the_rows(
    cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.manager_a)
    client.get("/annuaire/", {"q": "mar"})

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get("/annuaire/", {"q": "mar"})
        return len(captured)

    before = statements()
    for number in range(15):
        pupil = make.make_person(family_name=f"Marot{number}", school=cast.school_a)
        make.put_in_group(person=pupil, group=cast.class_a)
    assert statements() == before


def test_a_prefix_search_uses_the_indexes(cast: Cast) -> None:
    """The conditions are written so that PostgreSQL can use the two indexes of names."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        words = Person.objects.all().matching("martin").explain()
        # Of a table as small as this one anything is as quick: only what is left is asked for.
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    letters = Person.objects.all().matching("ma").in_name_order()[:20].explain()
    assert "person_search_words" in words
    assert "person_sort_key" in letters
    assert "Sort" not in letters


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("classe=6Z", "«\u00a06Z\u00a0» n’est pas, ou n’est plus, dans la liste"),
        ("profil=roi", "«\u00a0roi\u00a0» n’est pas, ou n’est plus, dans la liste"),
        ("groupe=x", "Ce groupe n’existe pas."),
    ],
)
def test_a_kept_search_of_what_is_no_more_says_so(
    query: str, said: str, cast: Cast, client_of: ClientOf
) -> None:
    page = client_of(cast.manager_a).get(f"/annuaire/?vue=avancee&{query}").content.decode()
    assert said in page
