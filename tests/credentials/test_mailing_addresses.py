"""One definition of a usable address: announced, mailed and printed are the same people."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.enums import AccountState
from accounts.models import Account
from credentials.choice.population import PopulationChoice, chosen_accounts, tally
from credentials.enums import EmailPresence, LeftOut, RecipientState, SkipReason
from credentials.mailing.choosing import expect
from credentials.mailing.unreached import unreached_rows
from directory.enums import GroupKind, MembershipRole, Profile
from directory.models import Group, Membership, Person
from directory.rights.actors import actor_for
from directory.rights.acts import Act
from messaging.models import NotificationAddress
from tests import factories as make
from tests.cast import Cast
from tests.credentials.mailing import asked, family, parents, sent, sink
from tests.kit.faulty_mail import FaultySink
from tests.messaging.jobs import run_jobs

__all__ = ["sink"]

pytestmark = pytest.mark.django_db
DESK = "/annuaire/administration/diffusion-des-identifiants/"
USABLE = {
    "mailto:awa@example.org": "awa@example.org",
    "<ben@example.org>": "ben@example.org",
    " clo@example.org ": "clo@example.org",
    "dora@example.org": "dora@example.org",
    "O'Brien@example.org": "O'Brien@example.org",
    "mairie@exämple.org": "mairie@xn--exmple-cua.org",
}
UNUSABLE = [
    "andré@example.org",
    "root@localhost",
    f"x@{'é' * 63}.org",
    "a@example.org, b@example.org",
    "papa",
]


@pytest.fixture
def everybody(cast: Cast) -> list[Account]:
    """A parent for each kind of address, and one without any."""
    texts = [*USABLE, *UNUSABLE, ""]
    return [family(cast.school_a, number, email=text) for number, text in enumerate(texts)]


def test_what_is_announced_is_what_is_written_and_what_is_sent(
    everybody: list[Account], cast: Cast, sink: FaultySink
) -> None:
    """Nine were announced and seven sent."""
    expected = expect(parents(cast.school_a), actor=actor_for(cast.manager_a))
    campaign = sent(asked(cast.school_a, cast.manager_a))
    counts = campaign.recipients.count_by_state()
    assert expected.chosen == counts[RecipientState.ACCEPTED] == len(USABLE)
    assert sorted(sink.addresses) == sorted(USABLE.values())
    assert expected.skipped == {
        SkipReason.NO_ADDRESS: 1,
        SkipReason.BAD_ADDRESS: len(UNUSABLE),
    }
    assert counts[RecipientState.SKIPPED] == len(UNUSABLE) + 1


@pytest.mark.parametrize(
    ("presence", "number", "reason"),
    [
        (EmailPresence.WITH, len(USABLE), LeftOut.NO_EMAIL),
        (EmailPresence.WITHOUT, len(UNUSABLE) + 1, LeftOut.HAS_EMAIL),
    ],
)
def test_letters_go_to_exactly_those_whom_no_mail_reaches(
    presence: EmailPresence, number: int, reason: LeftOut, everybody: list[Account], cast: Cast
) -> None:
    choice = PopulationChoice(
        school_id=cast.school_a.pk, profiles=(Profile.GUARDIAN,), email=presence
    )
    actor = actor_for(cast.manager_a)
    counted = tally(choice, actor=actor, act=Act.SLIPS)
    assert counted.chosen == number
    assert chosen_accounts(choice, actor=actor, act=Act.SLIPS).count() == number
    assert counted.left_out[reason] == len(everybody) - number


def test_who_confirmed_an_address_of_their_own_needs_no_letter(cast: Cast) -> None:
    account = family(cast.school_a, 1, email="")
    NotificationAddress.objects.create(
        person=account.person, email="choisie@example.org", confirmed_at=timezone.now()
    )
    choice = PopulationChoice(
        school_id=cast.school_a.pk, profiles=(Profile.GUARDIAN,), email=EmailPresence.WITHOUT
    )
    assert tally(choice, actor=actor_for(cast.manager_a), act=Act.SLIPS).chosen == 0


def test_the_page_leads_to_as_many_letters_as_it_says(
    everybody: list[Account],
    cast: Cast,
    sink: FaultySink,
    client_of: Callable[[Person | None], Client],
) -> None:
    campaign = sent(asked(cast.school_a, cast.manager_a))
    client = client_of(cast.manager_a)
    page = client.get(f"{DESK}{campaign.uuid}/").content.decode()
    number = len(UNUSABLE) + 1
    assert f"{number} utilisateurs sans adresse utilisable" in page
    found = re.search(r'href="([^"]+)">imprimez-leur une fiche', page)
    assert found is not None
    form = client.get(found[1].replace("&amp;", "&")).content.decode()
    assert f'<span class="numbers">{number}</span> fiches' in form
    listed = client.get(f"{DESK}{campaign.uuid}/destinataires/?etat=sans-adresse-utilisable")
    assert f"{number} destinataires" in listed.content.decode()


def test_the_list_of_the_unreached_serves_a_mail_merge(
    cast: Cast, sink: FaultySink, client_of: Callable[[Person | None], Client]
) -> None:
    """Login, class and postal address; whoever a server refused stands there, too."""
    school = cast.school_a
    account = family(
        school,
        1,
        email="andré@example.org",
        address="Appartement 4\n12 rue des Lilas",
        postal_code="54000",
        town="NANCY",
    )
    child = make.make_person(school=school, profile=Profile.PUPIL, family_name="Durand")
    group = Group.objects.create(school=school, kind=GroupKind.CLASS, code="3B", sort_key="3b")
    Membership.objects.create(group=group, person=child, role=MembershipRole.PUPIL)
    make.make_child_of(guardian=account.person, pupil=child)
    family(school, 2, email="refusee@example.org")
    family(school, 3)
    sink.at_rcpt["refusee@example.org"] = "550 5.1.1 User unknown"
    campaign = sent(asked(school, cast.manager_a))
    answer = client_of(cast.manager_a).get(f"{DESK}{campaign.uuid}/sans-adresse/")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [row["prenom"] for row in rows] == ["Parent1", "Parent2"]
    assert rows[0]["identifiant"] == account.login
    assert rows[0]["classe"] == "3B"
    assert rows[0]["adresse"] == "Appartement 4, 12 rue des Lilas"
    assert (rows[0]["code postal"], rows[0]["commune"]) == ("54000", "NANCY")
    assert rows[0]["courriel connu"] == "andré@example.org"
    assert rows[1]["motif"].startswith("Cette adresse n’existe pas")


def test_the_list_of_the_unreached_shows_nobody_of_another_school(
    cast: Cast, sink: FaultySink, client_of: Callable[[Person | None], Client]
) -> None:
    """Who moved to school B is B's: A reads neither where they live now nor their login."""
    school = cast.school_a
    names = ("Reste", "Mute", "Parti", "Active", "Bloque")
    accounts = {
        name: family(school, number, email="", given_name=name) for number, name in enumerate(names)
    }
    campaign = sent(asked(school, cast.manager_a))
    moved = accounts["Mute"].person
    moved.affiliations.update(school=cast.school_b)
    Person.objects.filter(pk=moved.pk).update(
        address="1 rue Neuve", email="chez.lui@example.org", main_school=cast.school_b
    )
    Person.objects.filter(pk=accounts["Parti"].person.pk).update(left_at=timezone.now())
    for name, state in (("Active", AccountState.ACTIVE), ("Bloque", AccountState.BLOCKED)):
        Account.objects.filter(pk=accounts[name].pk).update(state=state)
    for who in (cast.manager_a, cast.ent_administrator):
        answer = client_of(who).get(f"{DESK}{campaign.uuid}/sans-adresse/")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        assert [row["prenom"] for row in rows] == ["Reste"]


def test_the_list_of_the_unreached_stays_within_the_actor_s_reach(
    cast: Cast, sink: FaultySink
) -> None:
    """Whoever calls: the walls hold below the page that asks."""
    family(cast.school_a, 1, email="")
    campaign = sent(asked(cast.school_a, cast.manager_a))
    assert len(list(unreached_rows(campaign, actor=actor_for(cast.manager_a)))) == 1
    assert not list(unreached_rows(campaign, actor=actor_for(cast.manager_b)))


@pytest.mark.parametrize("written", ["mailto:awa@example.org", "<Awa@example.org>"])
def test_a_forgotten_login_is_found_by_the_address_that_mails_go_to(
    written: str, cast: Cast
) -> None:
    from credentials.enums import LostKind
    from credentials.lost.services import ask
    from ent.audit.origin import Origin

    account = family(cast.school_a, 1, email=written, state=AccountState.ACTIVE)
    ask(kind=LostKind.LOGIN, typed="awa@example.org", origin=Origin())
    run_jobs()
    (message,) = mail.outbox
    assert message.to == ["awa@example.org"]
    assert account.login in message.body


def test_mails_are_signed_with_the_school_s_own_address(
    cast: Cast, sink: FaultySink, settings: object
) -> None:
    from portal.models import SchoolPage

    SchoolPage.objects.update_or_create(
        school=cast.school_a, defaults={"own_host": "www.college-a.example"}
    )
    family(cast.school_a, 1)
    sent(asked(cast.school_a, cast.manager_a))
    message = sink.message_to("parent1@example.org")
    body = message.get_body(("plain",)).get_content().rstrip()
    assert body.splitlines()[-2:] == ["Collège Aristide-Briand", "http://www.college-a.example/"]
    html = message.get_body(("html",)).get_content()
    assert 'href="http://www.college-a.example/"' in html
