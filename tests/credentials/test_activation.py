"""« Activation des comptes »: numbers equal to the rows, walls, one click to the sheets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.enums import AccountKind, AccountState
from accounts.models import Account, ActivationCode
from credentials.codes.issuing import issue_codes
from credentials.dashboard.counting import Counts
from credentials.dashboard.evolution import evolution_of
from credentials.dashboard.filters import Filters
from credentials.dashboard.links import mailing_address, slips_address
from credentials.dashboard.overview import overview_of, school_rows
from credentials.dashboard.school import activation_of
from credentials.days import start_of_day
from credentials.enums import Pace
from directory.enums import Profile, Role
from directory.models import Group, Person, School
from directory.rights.actors import actor_for
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person | None], Client]
DESK = "/annuaire/administration/activation/"


def someone(
    school: School,
    state: AccountState,
    *,
    group: Group | None = None,
    profile: Profile = Profile.PUPIL,
    is_handed: bool = False,
    kind: AccountKind = AccountKind.LOCAL,
) -> Person:
    """Somebody whose account stands there, with a code while it is pending."""
    person = make.make_person(school=school, profile=profile)
    if group is not None:
        make.put_in_group(person=person, group=group)
    account = make.make_account(person=person, state=state, kind=kind)
    if state == AccountState.PENDING:
        issue_codes(account_ids=[account.pk], now=datetime.now(UTC))
        if is_handed:
            ActivationCode.objects.filter(account=account).update(handed_over_at=timezone.now())
    return person


def a_school_in_september() -> tuple[School, Group, Group]:
    """7 pupils and 2 parents in two classes, in every state, and people who do not count."""
    school = make.make_school(name="Collège du Pré", uai="0540099Z")
    first, second = (
        make.make_class(school=school, code="6A"),
        make.make_class(school=school, code="6B"),
    )
    someone(school, AccountState.ACTIVE, group=first)
    elder = someone(school, AccountState.PENDING, group=first)
    someone(school, AccountState.PENDING, group=first, is_handed=True)
    someone(school, AccountState.BLOCKED, group=first)
    younger = someone(school, AccountState.PENDING, group=second, is_handed=True)
    someone(school, AccountState.ACTIVE, group=second)
    someone(school, AccountState.PENDING)  # in no class yet
    parent = someone(school, AccountState.PENDING, profile=Profile.GUARDIAN)
    make.make_child_of(guardian=parent, pupil=elder)
    make.make_child_of(guardian=parent, pupil=younger)
    other = someone(school, AccountState.ACTIVE, profile=Profile.GUARDIAN)
    make.make_child_of(guardian=other, pupil=elder)
    someone(school, AccountState.ACTIVE, profile=Profile.TEACHER, kind=AccountKind.ACADEMIC)
    gone = someone(school, AccountState.PENDING, group=first)
    Person.objects.filter(pk=gone.pk).update(left_at=timezone.now())
    return school, first, second


def seen(school: School, person: Person) -> dict[str, Counts]:
    """What the page of a school shows to somebody: whole, by profile, by class."""
    found = activation_of(school, actor=actor_for(person), pace=Pace.WEEK, sort="nom")
    return {
        "": found.total,
        **{row.label: row.counts for row in found.profiles},
        **{row.group.code: row.counts for row in found.classes},
    }


def lines_of(client: Client, path: str) -> list[list[str]]:
    """The lines of a file, as a spreadsheet reads them."""
    response = client.get(path)
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


def test_each_number_is_a_number_of_rows(cast: Cast) -> None:
    school, _, _ = a_school_in_september()
    assert seen(school, cast.ent_administrator) == {
        "": Counts(active=3, handed=2, waiting=3, blocked=1),
        "Élèves": Counts(active=2, handed=2, waiting=2, blocked=1),
        "Parents": Counts(active=1, waiting=1),
        "6A": Counts(active=2, handed=1, waiting=2, blocked=1),
        "6B": Counts(active=1, handed=1, waiting=1),
    }


def test_a_code_past_its_date_is_to_be_handed_over_again(cast: Cast) -> None:
    school, _, _ = a_school_in_september()
    ActivationCode.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert seen(school, cast.ent_administrator)[""] == Counts(active=3, waiting=5, blocked=1)


def test_a_parent_of_two_schools_counts_in_both_and_once_together(cast: Cast) -> None:
    overview = overview_of(actor_for(cast.ent_administrator), Filters(profile=Profile.GUARDIAN))
    assert overview.total.total == 1
    assert {
        school: profiles[Profile.GUARDIAN].total for school, profiles in overview.schools.items()
    } == {cast.school_a.pk: 1, cast.school_b.pk: 1}


def test_everybody_sees_their_own_schools_and_classes_only(cast: Cast) -> None:
    """T-F2: the school's administrator and the manager their school, the form teacher a class."""
    whole = seen(cast.school_a, cast.ent_administrator)
    assert whole[""].total == 5  # three pupils, a parent, a guest
    assert seen(cast.school_a, cast.manager_a) == whole
    assert seen(cast.school_a, cast.credentials_manager) == whole
    of_the_class = seen(cast.school_a, cast.form_teacher)
    assert set(of_the_class) == {"", "Élèves", "Parents", "4E3"}
    assert of_the_class[""] == of_the_class["4E3"] == Counts(active=3)
    assert seen(cast.school_b, cast.manager_a)[""].total == 1  # the parent whom they know
    rows = school_rows(
        actor_for(cast.manager_a),
        overview_of(actor_for(cast.manager_a), Filters()),
        Filters(),
    )
    assert [row.school for row in rows] == [cast.school_a]


def test_a_foreign_school_is_one_that_does_not_exist(cast: Cast, client_of: SignIn) -> None:
    client = client_of(cast.manager_b)
    for path in ("", "export/classes/", "export/profils/", "export/evolution/"):
        foreign = client.get(f"{DESK}{cast.school_a.uai}/{path}")
        unknown = client.get(f"{DESK}0549999X/{path}")
        assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert client.get(DESK).headers["Location"] == f"{DESK}{cast.school_b.uai}/"
    assert client_of(cast.pupil).get(DESK).status_code == 403


def test_one_click_leads_to_as_many_sheets_as_the_row_says(cast: Cast, client_of: SignIn) -> None:
    school, first, second = a_school_in_september()
    client = client_of(cast.ent_administrator)
    page = client.get(f"{DESK}{school.uai}/").content.decode()
    addresses = [unescape(found) for found in re.findall(r'href="([^"]*/fiches/[^"]*)"', page)]
    assert len(addresses) == 5  # the whole school, two profiles, two classes
    for address, expected in zip(addresses, (5, 4, 1, 3, 2), strict=True):
        counted = client.get(address).context["counted"]
        assert counted is not None, address
        assert counted.chosen == expected, address
    assert f"classes={first.uuid}" in addresses[3]
    assert f"classes={second.uuid}" in addresses[4]
    assert "format=lettre" in addresses[2]


def test_one_click_leads_to_the_mails_of_those_who_never_came(
    cast: Cast, client_of: SignIn
) -> None:
    someone(cast.school_a, AccountState.PENDING, group=cast.class_a)
    someone(cast.school_a, AccountState.PENDING, profile=Profile.GUARDIAN)
    client = client_of(cast.manager_a)
    page = client.get(f"{DESK}{cast.school_a.uai}/").content.decode()
    addresses = [
        unescape(found) for found in re.findall(r'href="([^"]*/diffusion[^"]*cible=[^"]*)"', page)
    ]
    chosen = [client.get(address).context["form"].choice() for address in addresses]
    assert [choice.profiles for choice in chosen] == [
        (Profile.PUPIL, Profile.GUARDIAN),
        (Profile.PUPIL,),
        (Profile.GUARDIAN,),
        (Profile.PUPIL,),
    ]
    assert [choice.groups for choice in chosen] == [(), (), (), (cast.class_a.uuid,)]
    written = client.get(f"{addresses[0]}&objet=Urgent&texte=Payez").content.decode()
    assert "Urgent" not in written
    assert "Payez" not in written
    for giver in (cast.credentials_manager, cast.form_teacher):  # slips, no mailing
        page = client_of(giver).get(f"{DESK}{cast.school_a.uai}/").content.decode()
        assert "/fiches/" in page
        assert "diffusion" not in page


def test_a_form_teachers_click_keeps_to_their_class(cast: Cast, client_of: SignIn) -> None:
    someone(cast.school_a, AccountState.PENDING, group=cast.class_a)
    someone(cast.school_a, AccountState.PENDING, group=cast.other_class_a)
    client = client_of(cast.form_teacher)
    page = client.get(f"{DESK}{cast.school_a.uai}/").content.decode()
    addresses = [unescape(found) for found in re.findall(r'href="([^"]*/fiches/[^"]*)"', page)]
    assert [client.get(address).context["counted"].chosen for address in addresses] == [1, 1, 1]


def test_statements_do_not_grow_with_schools_classes_or_people(
    cast: Cast, client_of: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    actor = actor_for(cast.ent_administrator)
    for _ in range(2):
        school, _, _ = _another_school()
        with django_assert_num_queries(7):
            activation_of(school, actor=actor, pace=Pace.WEEK, sort="nom")
        with django_assert_num_queries(6):
            overview = overview_of(actor, Filters())
            school_rows(actor, overview, Filters())
        cache.clear()


def _another_school() -> tuple[School, Group, Group]:
    school = make.make_school()
    groups = [make.make_class(school=school, code=code) for code in ("6A", "6B", "6C")]
    for group in groups:
        pupil = someone(school, AccountState.PENDING, group=group)
        parent = someone(school, AccountState.ACTIVE, profile=Profile.GUARDIAN)
        make.make_child_of(guardian=parent, pupil=pupil)
    return school, groups[0], groups[1]


def test_first_activations_fall_on_their_day_in_paris(cast: Cast) -> None:
    school, _, _ = a_school_in_september()
    moments = [
        datetime(2026, 8, 20, 9, tzinfo=UTC),  # before the week of 1 September
        datetime(2026, 9, 6, 21, 59, tzinfo=UTC),  # Sunday 23:59 in Paris
        datetime(2026, 9, 6, 22, 0, tzinfo=UTC),  # Monday midnight in Paris
    ]
    accounts = Account.objects.filter(person__affiliations__school=school).order_by("pk")
    accounts.update(activated_at=None)
    for account, moment in zip(accounts, moments, strict=False):
        Account.objects.filter(pk=account.pk).update(activated_at=moment)
    people = Person.objects.filter(affiliations__school=school)
    found = evolution_of(people, pace=Pace.WEEK, today=date(2026, 9, 16))
    assert [(step.day, step.number, step.so_far) for step in found.steps] == [
        (date(2026, 8, 31), 1, 2),
        (date(2026, 9, 7), 1, 3),
        (date(2026, 9, 14), 0, 3),
    ]
    assert found.before == 1
    by_day = evolution_of(people, pace=Pace.DAY, today=date(2026, 9, 16))
    assert len(by_day.steps) == 42
    assert {step.day: step.number for step in by_day.steps if step.number} == {
        date(2026, 8, 20): 1,
        date(2026, 9, 6): 1,
        date(2026, 9, 7): 1,
    }


def test_the_drawing_and_the_table_say_the_same(cast: Cast, client_of: SignIn) -> None:
    today = timezone.localdate()
    Account.objects.filter(person=cast.pupil).update(activated_at=start_of_day(today))
    page = client_of(cast.manager_a).get(f"{DESK}{cast.school_a.uai}/?par=jour").content.decode()
    drawn = re.findall(r"<title>([^<]*) : (\d+)</title></rect>", page)
    rows = re.findall(
        r'<th scope="row">([^<]*)</th>\s*<td data-label="Premières activations"[^>]*>(\d+)</td>',
        page,
    )
    assert drawn == rows[::-1]
    assert len(rows) == 42
    assert rows[0][1] != "0"


def test_schools_are_found_sorted_and_narrowed_by_the_address(
    cast: Cast, client_of: SignIn
) -> None:
    a_school_in_september()
    client = client_of(cast.ent_administrator)

    def names(query: str) -> list[str]:
        return [row.school.name for row in client.get(f"{DESK}{query}").context["rows"]]

    everywhere = names("")
    assert everywhere == sorted(everywhere)
    assert names("?tri=-a-remettre")[0] == "Collège du Pré"
    assert names("?tri=actives")[0] == "Collège du Pré"
    assert names("?q=pre") == ["Collège du Pré"]
    shown = client.get(f"{DESK}?profil=tuteur&q=0540099Z").context["rows"][0]
    assert shown.counts == Counts(active=1, waiting=1)
    assert "Aucun établissement ne correspond" in client.get(f"{DESK}?q=zzz").content.decode()


def test_files_hold_what_the_page_shows_and_no_formula(cast: Cast, client_of: SignIn) -> None:
    school, first, _ = a_school_in_september()
    Group.objects.filter(pk=first.pk).update(code="=1+1")
    client = client_of(cast.ent_administrator)
    header, *lines = lines_of(client, f"{DESK}{school.uai}/export/classes/")
    assert header[:3] == ["Classe", "Comptes", "Activés"]
    by_code = {line[0]: line[1:] for line in lines}
    assert by_code["'=1+1"] == ["6", "2", "33", "3", "1", "2", "1", "4", "1", "2", "1"]
    assert by_code["6B"] == ["3", "1", "33", "2", "1", "1", "0", "2", "1", "1", "0"]
    profiles = lines_of(client, f"{DESK}{school.uai}/export/profils/")
    assert profiles[1] == ["Élèves", "7", "2", "29", "4", "2", "2", "1"]
    schools = lines_of(client, f"{DESK}export/etablissements/?q=0540099Z")
    assert [line[0] for line in schools] == ["UAI", "0540099Z"]
    assert schools[1][3:] == ["9", "3", "33", "5", "2", "3", "1"]
    assert lines_of(client, f"{DESK}export/evolution/")[0][0] == "Semaine du"
    assert client.get(f"{DESK}export/rien/").status_code == 404


def test_numbers_of_a_portal_are_kept_and_a_withdrawn_role_finds_none(
    cast: Cast, client_of: SignIn
) -> None:
    client = client_of(cast.ent_administrator)
    before = client.get(DESK).context["overview"].total.total
    someone(cast.school_a, AccountState.PENDING)
    again = client.get(DESK)
    assert again.context["overview"].total.total == before
    assert "Nombres comptés à" in again.content.decode()
    cast.ent_administrator.role_grants.update(withdrawn_at=timezone.now())
    make.give_role(
        person=cast.ent_administrator, role=Role.SCHOOL_ADMINISTRATOR, school=cast.school_a
    )
    assert client.get(DESK).status_code == 302
    assert seen(cast.school_a, cast.ent_administrator)[""].total == 6


def test_a_school_without_accounts_says_so(cast: Cast, client_of: SignIn) -> None:
    school = make.make_school(name="Collège neuf")
    page = client_of(cast.ent_administrator).get(f"{DESK}{school.uai}/").content.decode()
    assert "Aucun compte à suivre ici" in page


@pytest.mark.parametrize(
    ("counts", "percent"),
    [
        (Counts(), 0),
        (Counts(active=1), 100),
        (Counts(active=1, waiting=999), 1),
        (Counts(active=999, waiting=1), 99),
        (Counts(active=1, blocked=1), 50),
    ],
)
def test_a_hundred_per_cent_is_everybody_and_nought_is_nobody(counts: Counts, percent: int) -> None:
    assert counts.percent == percent


def test_next_to_nobody_is_less_than_one_per_cent() -> None:
    said = {active: Counts(active=active, waiting=1600).percent_words for active in (0, 5, 17, 100)}
    assert said == {0: "0", 5: "moins de\u00a01", 17: "1", 100: "6"}


def test_an_unknown_value_of_an_address_filters_nothing_and_shows_no_error(
    cast: Cast, client_of: SignIn
) -> None:
    client = client_of(cast.ent_administrator)
    rows = client.get(DESK).context["rows"]
    for query in ("profil=directeur", "par=siecle", "tri=taille", "profil=&par=&tri="):
        response = client.get(f"{DESK}?{query}")
        assert response.status_code == 200, query
        assert response.context["rows"] == rows, query
        assert "field-invalid" not in response.content.decode(), query
    page = client.get(f"{DESK}?profil=tuteur&q=pre&intrus=1").content.decode()
    assert '<option value="tuteur" selected>Parents</option>' in page
    assert 'export/etablissements/?profil=tuteur&amp;q=pre"' in page


def test_every_filter_of_people_has_numbers_of_its_own_in_the_cache() -> None:
    """The words and the order choose among schools that are counted already."""
    plain = Filters().cache_key
    assert Filters(typed="pre", sort="-comptes").cache_key == plain
    others = [
        Filters(profile=Profile.PUPIL).cache_key,
        Filters(profile=Profile.GUARDIAN).cache_key,
        Filters(pace=Pace.DAY).cache_key,
        Filters(selection=(("adresse", "avec"),)).cache_key,
    ]
    assert len({plain, *others}) == 5


def test_links_choose_the_people_that_a_filter_counts(cast: Cast) -> None:
    """A mailing whose form has no such field is not offered (decision 0066)."""
    counts = {Profile.PUPIL: Counts(waiting=3)}
    narrowed = Filters(selection=(("adresse", "avec"),))
    assert "adresse=avec" in slips_address(cast.school_a, counts, filters=narrowed)
    assert mailing_address(cast.school_a, counts, filters=narrowed) == ""
    dated = Filters(selection=(("depuis", "2026-09-01"),))
    assert "depuis=2026-09-01" in mailing_address(cast.school_a, counts, filters=dated)
