"""« Diffusion des identifiants »: what is said before, what is refused, what the pages show."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from lxml import html

from accounts.enums import AccountState
from credentials.enums import RecipientState
from credentials.mailing import following
from credentials.mailing.choosing import expect
from credentials.models import Campaign, CampaignRecipient
from directory.enums import Profile
from directory.models import Person
from directory.rights.actors import actor_for
from ent.audit.models import AuditEvent
from messaging.models import NotificationAddress
from tests.cast import Cast
from tests.credentials.mailing import asked, families, family, parents, sent
from tests.credentials.test_files import run_waiting_jobs

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person | None], Client]
DESK = "/annuaire/administration/diffusion-des-identifiants/"
PREPARE = f"{DESK}preparer/0541111A/"
CONFIRM = f"{DESK}diffuser/0541111A/"


def typed(**changes: Any) -> dict[str, Any]:
    """What is posted by the first page."""
    return {"cible": ["parent"], "objet": "Vos identifiants", "texte": "", **changes}


def confirmed(client: Client, **changes: Any) -> Any:
    """Go through the first page, and post the second."""
    assert client.post(PREPARE, typed(**changes)).status_code == 302
    return client.post(CONFIRM, {}, follow=True)


def test_the_page_proposes_the_school_s_subject_and_parents(cast: Cast, client_of: SignIn) -> None:
    families(cast.school_a, 2)
    page = client_of(cast.manager_a).get(PREPARE).content.decode()
    assert "Diffusion des identifiants ENT aux utilisateurs gérés par l’ENT" in page
    assert 'value="Collège Aristide-Briand - vos identifiants de connexion"' in page
    assert 'maxlength="75"' in page and 'maxlength="600"' in page
    for target in (
        "Élève",
        "Parent",
        "Enseignant",
        "Non enseignant",
        "Autre",
        "Personnel de collectivité",
    ):
        assert target in page
    assert '<span class="numbers">2</span> courriels' in page


def test_the_page_says_beforehand_who_gets_nothing_and_why(cast: Cast, client_of: SignIn) -> None:
    family(cast.school_a, 1)
    family(cast.school_a, 2, email="")
    family(cast.school_a, 3, email="pas une adresse")
    family(cast.school_a, 4, state=AccountState.ACTIVE)
    family(cast.school_a, 5, state=AccountState.BLOCKED)
    page = client_of(cast.manager_a).post(
        PREPARE, typed(cible=["parent", "enseignant"], compter="1")
    )
    words = page.content.decode()
    assert '<span class="numbers">1</span> courriel<' in words
    for reason in (
        "sans adresse électronique",
        "dont l’adresse n’est pas valable",
        "dont la première connexion est faite",
        "dont le compte est bloqué",
        "avec un compte académique",
    ):
        assert reason in words


def test_what_is_announced_is_what_is_written(cast: Cast) -> None:
    families(cast.school_a, 3)
    chosen = family(cast.school_a, 4, email="")
    NotificationAddress.objects.create(
        person=chosen.person, email="choisie@example.org", confirmed_at=timezone.now()
    )
    family(cast.school_a, 5, email="")
    expected = expect(parents(cast.school_a), actor=actor_for(cast.manager_a))
    campaign = asked(cast.school_a, cast.manager_a)
    counts = campaign.recipients.count_by_state()
    assert counts[RecipientState.QUEUED] == expected.chosen == 4
    assert counts[RecipientState.SKIPPED] == sum(expected.skipped.values()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"cible": []},
        {"objet": ""},
        {"objet": "x" * 76},
        {"texte": "x" * 601},
        {"texte": "a\x0bb"},
        *({"objet": f"Bonjour{sign}Bcc: x"} for sign in "\r\n\x00\x0b\x0c\x1c\x1e\x85\u2028\u2029"),
    ],
)
def test_what_the_form_refuses_sends_nothing(
    changes: dict[str, Any], cast: Cast, client_of: SignIn
) -> None:
    """T-G9."""
    families(cast.school_a, 1)
    assert client_of(cast.manager_a).post(PREPARE, typed(**changes)).status_code == 200
    assert not Campaign.objects.exists()


def test_the_longest_texts_are_taken(cast: Cast, client_of: SignIn) -> None:
    families(cast.school_a, 1)
    confirmed(client_of(cast.manager_a), objet="é" * 75, texte="à" * 600)
    campaign = Campaign.objects.get()
    assert (len(campaign.subject), len(campaign.text)) == (75, 600)


def test_the_mail_is_read_before_it_leaves_and_leaves_once(cast: Cast, client_of: SignIn) -> None:
    """T-G2: the second post of the same page shows the first mailing."""
    family(cast.school_a, 1, given_name="Awa", family_name="Diop")
    client = client_of(cast.manager_a)
    client.post(PREPARE, typed(texte="À lundi."))
    page = client.get(CONFIRM).content.decode()
    assert "Envoyer 1 courriel" in page.replace("\u202f", " ")
    assert "Bonjour Awa Diop" in page and "À lundi." in page
    assert not Campaign.objects.exists(), "reading sends nothing"
    first = client.post(CONFIRM, {}, follow=True)
    second = client.post(CONFIRM, {}, follow=True)
    assert first.redirect_chain == second.redirect_chain
    sent(Campaign.objects.get())
    assert [message.to for message in mail.outbox if "Diop" in message.body] == [
        ["parent1@example.org"]
    ]


def test_a_text_that_has_left_is_not_proposed_again(cast: Cast, client_of: SignIn) -> None:
    families(cast.school_a, 1)
    client = client_of(cast.manager_a)
    client.post(PREPARE, typed(texte="À lundi."))
    assert "À lundi." in client.get(PREPARE).content.decode(), "« back » finds the draft"
    client.post(CONFIRM, {}, follow=True)
    assert "À lundi." not in client.get(PREPARE).content.decode()


def test_many_mails_ask_for_their_number(cast: Cast, client_of: SignIn) -> None:
    families(cast.school_a, 51)
    client = client_of(cast.manager_a)
    confirmed(client)
    assert not Campaign.objects.exists()
    client.post(CONFIRM, {"nombre": "50"})
    assert not Campaign.objects.exists()
    client.post(CONFIRM, {"nombre": "51"})
    assert Campaign.objects.get().recipients.count() == 51


def test_who_it_is_is_asked_again_before_mails_leave(cast: Cast, client_of: SignIn) -> None:
    from signin.sessions.recent_proof import AUTHENTICATED_AT_KEY

    families(cast.school_a, 1)
    client = client_of(cast.manager_a)
    client.post(PREPARE, typed())
    session = client.session
    session[AUTHENTICATED_AT_KEY] = 0
    session.save()
    answer = client.post(CONFIRM, {})
    assert answer.status_code == 303
    assert "next=" in answer["Location"]
    assert not Campaign.objects.exists()


def test_a_trial_goes_to_its_author_alone(cast: Cast, client_of: SignIn) -> None:
    families(cast.school_a, 2)
    cast.manager_a.email = "chef@example.org"
    cast.manager_a.save(update_fields=["email"])
    client = client_of(cast.manager_a)
    client.post(PREPARE, typed(texte="À lundi."))
    client.post(CONFIRM, {"essai": "1"})
    run_waiting_jobs()
    assert [message.to for message in mail.outbox] == [["chef@example.org"]]
    assert "À lundi." in mail.outbox[0].body
    assert "/connexion/lien/" not in mail.outbox[0].body
    assert not Campaign.objects.exists()


def test_nobody_else_s_accounts_are_written_to(cast: Cast, client_of: SignIn) -> None:
    """T-F2: the choice never leaves the school."""
    families(cast.school_a, 1)
    family(cast.school_b, 7)
    confirmed(client_of(cast.manager_a))
    accounts = CampaignRecipient.objects.values_list("account__person__email", flat=True)
    assert list(accounts) == ["parent0@example.org"]


def test_the_page_of_a_mailing_adds_up_and_offers_what_can_be_done(
    cast: Cast, client_of: SignIn
) -> None:
    families(cast.school_a, 2)
    family(cast.school_a, 3, email="")
    client = client_of(cast.manager_a)
    campaign = asked(cast.school_a, cast.manager_a)
    address = f"{DESK}{campaign.uuid}/"
    assert "Arrêter" in client.get(address).content.decode()
    assert client.get(f"{address}avancement/").json() == {"done": 0, "total": 2, "finished": False}
    stopped = client.post(f"{address}acte/", {"acte": "arreter"}, follow=True).content.decode()
    assert "2\u00a0courriels ne sont pas partis" in stopped
    assert "Reprendre" in stopped
    assert client.post(f"{address}acte/", {"acte": "effacer"}).status_code == 404
    client.post(f"{address}acte/", {"acte": "reprendre"})
    sent(campaign)
    page = client.get(address).content.decode()
    assert "3 destinataires" in page
    assert "1 utilisateur sans adresse" in page
    assert client.get(DESK).content.decode().count("Terminée") == 1
    acts = set(AuditEvent.objects.values_list("act", flat=True))
    assert {
        "mailing:requested",
        "mailing:cancelled",
        "mailing:resumed",
        "mailing:ended",
    } <= acts


def test_sent_is_what_a_server_took_on_the_list_and_on_the_page(
    cast: Cast, client_of: SignIn
) -> None:
    families(cast.school_a, 4)
    campaign = asked(cast.school_a, cast.manager_a)
    ended = [RecipientState.ACCEPTED, RecipientState.REFUSED, RecipientState.RETURNED]
    for recipient, state in zip(campaign.recipients.order_by("pk"), ended, strict=False):
        campaign.recipients.filter(pk=recipient.pk).update(state=state, ended_at=timezone.now())
    client = client_of(cast.manager_a)
    listed = html.fromstring(client.get(DESK).content.decode())
    assert [cell.text for cell in listed.findall(".//td[@data-label='Envoyés']")] == ["1"]
    followed = following.followed(campaign)
    assert {label: number for label, number, _ in followed.figures}["Envoyé"] == 1
    assert followed.accepted == 1


def test_whoever_moved_to_another_school_is_named_no_more(cast: Cast, client_of: SignIn) -> None:
    """What they are called there is that school's to know (T-F5)."""
    family(cast.school_a, 1, family_name="Restée")
    moved = family(cast.school_a, 2, family_name="Partie").person
    campaign = asked(cast.school_a, cast.manager_a)
    moved.affiliations.update(school=cast.school_b)
    Person.objects.filter(pk=moved.pk).update(family_name="Nouvelle", main_school=cast.school_b)
    address = f"{DESK}{campaign.uuid}/destinataires/"
    page = client_of(cast.manager_a).get(address).content.decode()
    assert "Restée" in page
    assert "Personne partie de l’établissement" in page
    assert "parent2@example.org" in page
    assert "Nouvelle" not in page


def test_the_list_narrows_to_those_without_address_and_is_taken_out_with_a_trace(
    cast: Cast, client_of: SignIn
) -> None:
    """R-E6."""
    family(cast.school_a, 1, family_name="Avec")
    family(cast.school_a, 2, email="", family_name="Sans")
    client = client_of(cast.manager_a)
    campaign = asked(cast.school_a, cast.manager_a)
    page = client.get(f"{DESK}{campaign.uuid}/destinataires/?etat=sans-adresse").content.decode()
    assert "Sans" in page and "Avec Parent1" not in page
    taken = client.get(f"{DESK}{campaign.uuid}/sans-adresse/")
    rows = taken.content.decode("utf-8-sig").split("\r\n")
    assert len([row for row in rows if row]) == 2
    assert rows[1].startswith("Sans;Parent2")
    assert "no-store" in taken["Cache-Control"]
    assert AuditEvent.objects.filter(act="mailing:exported").exists()


def test_the_bilan_may_be_downloaded_only_by_who_still_administers(cast: Cast) -> None:
    from credentials.mailing.ending import may_download
    from ent.files.models import StoredFile

    families(cast.school_a, 1)
    sent(asked(cast.school_a, cast.manager_a))
    stored = StoredFile.objects.get()
    assert may_download(stored, cast.manager_a.uuid)
    assert not may_download(stored, cast.manager_b.uuid)
    assert not may_download(stored, cast.credentials_manager.uuid)


def test_teachers_of_the_academy_are_left_out_with_the_reason(cast: Cast) -> None:
    from credentials.choice.population import PopulationChoice
    from credentials.enums import LeftOut

    choice = PopulationChoice(school_id=cast.school_a.pk, profiles=(Profile.TEACHER,))
    expected = expect(choice, actor=actor_for(cast.manager_a))
    assert expected.chosen == 0
    assert expected.left_out[LeftOut.ACADEMIC] >= 1


def test_whom_a_mailing_could_not_reach_is_one_click_from_their_letters(
    cast: Cast, client_of: SignIn
) -> None:
    """« Imprimez-leur une fiche » opens the form on exactly those people."""
    family(cast.school_a, 1)
    family(cast.school_a, 2, email="")
    family(cast.school_a, 3, email="")
    campaign = sent(asked(cast.school_a, cast.manager_a))
    client = client_of(cast.manager_a)
    page = client.get(f"{DESK}{campaign.uuid}/").content.decode()
    found = re.search(r'href="([^"]+)">imprimez-leur une fiche', page)
    assert found is not None
    form = client.get(found[1].replace("&amp;", "&")).content.decode()
    assert '<span class="numbers">2</span> fiches' in form
    assert "format=lettre" in found[1]
