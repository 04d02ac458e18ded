"""The mailbox: what arrives, what its owner does with it, and that nobody else sees it (R-F1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from directory.models import Person
from ent.mail.messages import UnsafeTextError
from messaging.enums import MailboxAct
from messaging.mailbox.ending import delete_old
from messaging.mailbox.services import apply_act
from messaging.models import MailboxEntry, Message
from messaging.notices.sending import send_report
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Person | None], Client]
BOX = "/messagerie/"


def deliver(
    person: Person, subject: str = "Bilan d’envoi", body: str = "Tout est parti."
) -> MailboxEntry:
    send_report(to=person, subject=subject, body=body)
    return MailboxEntry.objects.filter(recipient=person).latest("id")


def words_of(client: Client, address: str = BOX) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_report_is_there_unread_and_counted_in_the_header(
    cast: Cast, client_of: ClientOf
) -> None:
    deliver(cast.manager_a)
    text = words_of(client_of(cast.manager_a), "/accueil/")
    assert '<span class="nav-count">1<span class="visually-hidden"> à lire</span></span>' in text
    text = words_of(client_of(cast.manager_a))
    assert "Bilan d’envoi" in text
    assert "message-unread" in text
    assert "Non lu</span>" in text
    assert "Préau" in text


def test_opening_marks_as_read_and_a_head_request_does_not(cast: Cast, client_of: ClientOf) -> None:
    entry = deliver(cast.manager_a)
    client = client_of(cast.manager_a)
    client.head(f"{BOX}{entry.uuid}/")
    assert MailboxEntry.objects.get().is_unread
    assert "Tout est parti." in words_of(client, f"{BOX}{entry.uuid}/")
    assert not MailboxEntry.objects.get().is_unread
    assert "nav-count" not in words_of(client, "/accueil/")


def test_a_message_of_somebody_else_does_not_exist(cast: Cast, client_of: ClientOf) -> None:
    """T-F: even an ENT administrator reads nobody's mailbox."""
    entry = deliver(cast.manager_a)
    for person in (cast.manager_b, cast.ent_administrator, cast.head):
        client = client_of(person)
        assert client.get(f"{BOX}{entry.uuid}/").status_code == 404
        assert "Bilan d’envoi" not in words_of(client)
        answer = client.post(f"{BOX}actes/", {"acte": "supprimer", "message": entry.uuid})
        assert answer.status_code == 303
    entry.refresh_from_db()
    assert entry.deleted_at is None


def test_ticked_messages_are_archived_deleted_and_taken_back(
    cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.parent)
    one, two = deliver(cast.parent, "Premier avis"), deliver(cast.parent, "Second avis")

    def act(name: str, *entries: MailboxEntry) -> str:
        answer = client.post(
            f"{BOX}actes/", {"acte": name, "message": [d.uuid for d in entries]}, follow=True
        )
        return str(answer.content.decode())

    assert "2 messages archivés." in act("archiver", one, two)
    assert "Premier avis" not in words_of(client)
    assert "Premier avis" in words_of(client, f"{BOX}?dossier=archives")
    assert "1 message mis à la corbeille" in act("supprimer", one)
    assert "Premier avis" in words_of(client, f"{BOX}?dossier=corbeille")
    assert "Second avis" in words_of(client, f"{BOX}?dossier=archives")
    assert "2 messages remis dans les reçus." in act("restaurer", one, two)
    assert "Premier avis" in words_of(client)
    assert "1 message marqué comme lu." in act("lire", one)
    unread = words_of(client, f"{BOX}?dossier=non-lus")
    assert "Second avis" in unread
    assert "Premier avis" not in unread
    assert "1 message marqué comme non lu." in act("non-lire", one)


@pytest.mark.parametrize("sent", [{}, {"message": "pas-un-uuid"}])
def test_nothing_ticked_says_so(cast: Cast, client_of: ClientOf, sent: dict[str, str]) -> None:
    answer = client_of(cast.parent).post(f"{BOX}actes/", {"acte": "lire", **sent}, follow=True)
    assert "Cochez d’abord les messages." in answer.content.decode()


def test_an_unknown_act_or_folder_is_harmless(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.parent)
    assert client.post(f"{BOX}actes/", {"acte": "bruler"}).status_code == 404
    assert "Aucun message reçu" in words_of(client, f"{BOX}?dossier=ailleurs&page=zz")


def test_search_forgives_accents_and_order_within_the_folder(
    cast: Cast, client_of: ClientOf
) -> None:
    deliver(cast.parent, "Réémission des codes", "Pour l’élève Zoé")
    deliver(cast.parent, "Autre chose", "rien")
    client = client_of(cast.parent)
    found = words_of(client, f"{BOX}?q=ZOE+reemission")
    assert "Réémission des codes" in found
    assert "Autre chose" not in found
    assert "Aucun message trouvé" in words_of(client, f"{BOX}?q=zoe&dossier=archives")
    assert "Aucun message trouvé" in words_of(client, f"{BOX}?q=%25")


def test_pages_keep_the_filters_and_an_act_comes_back_to_them(
    cast: Cast, client_of: ClientOf
) -> None:
    for number in range(25):
        deliver(cast.parent, f"Avis {number}")
    client = client_of(cast.parent)
    text = words_of(client, f"{BOX}?q=avis&dossier=non-lus")
    assert "25 messages" in text
    assert "?q=avis&amp;dossier=non-lus&amp;page=2" in text
    entry = MailboxEntry.objects.filter(recipient=cast.parent).first()
    assert entry is not None
    answer = client.post(
        f"{BOX}actes/",
        {
            "acte": "lire",
            "message": entry.uuid,
            "liste-dossier": "non-lus",
            "liste-q": "avis",
            "liste-page": "2",
        },
    )
    assert answer.headers["Location"] == f"{BOX}?dossier=non-lus&q=avis&page=2"


def test_the_list_costs_the_same_whatever_it_holds(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.manager_a)
    deliver(cast.manager_a)
    words_of(client)
    costs = []
    for count in (0, 19):
        for number in range(count):
            deliver(cast.manager_a, f"Avis {number}")
        with CaptureQueriesContext(connection) as queries:
            words_of(client)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 10


def test_the_header_counts_no_further_than_ninety_nine(cast: Cast, client_of: ClientOf) -> None:
    message = Message.objects.create(
        kind="bilan", subject="x", body="", expires_at=timezone.now() + timedelta(days=9)
    )
    others = [
        Message(kind="bilan", subject="x", body="", expires_at=message.expires_at)
        for _ in range(120)
    ]
    Message.objects.bulk_create(others)
    MailboxEntry.objects.bulk_create(
        MailboxEntry(message=one, recipient=cast.parent) for one in others
    )
    assert '<span class="nav-count">99+<' in words_of(client_of(cast.parent), "/accueil/")


def test_the_number_in_the_header_is_answered_by_the_index_of_the_unread(cast: Cast) -> None:
    """Every page counts: a mailbox of years is not walked through."""
    messages = Message.objects.bulk_create(
        Message(kind="avis", subject="Avis", expires_at=timezone.now() + timedelta(days=9))
        for _ in range(3_000)
    )
    MailboxEntry.objects.bulk_create(
        MailboxEntry(
            message=message, recipient=cast.pupil, read_at=timezone.now() if number else None
        )
        for number, message in enumerate(messages)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE messaging_mailboxentry")
    plan = MailboxEntry.objects.unread_of(cast.pupil.pk).order_by().values("pk").explain()
    assert "mailbox_entry_unread" in plan


def test_the_connected_page_stays_within_twelve_queries(cast: Cast, client_of: ClientOf) -> None:
    deliver(cast.parent)
    client = client_of(cast.parent)
    words_of(client, "/accueil/")
    with CaptureQueriesContext(connection) as queries:
        words_of(client, "/accueil/")
    assert len(queries) <= 12, [query["sql"] for query in queries]


def test_a_report_to_many_costs_a_handful_of_statements(cast: Cast) -> None:
    """Set-wise: a hundred recipients cost what two cost."""
    many = [make.make_person(school=cast.school_a) for _ in range(100)]
    costs = []
    for recipients in (many[:2], many[2:]):
        with CaptureQueriesContext(connection) as queries:
            send_report(to=recipients, subject="À tous", body="Bonjour")
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 8
    assert MailboxEntry.objects.filter(message__subject="À tous").count() == 100


def test_a_report_disappears_with_the_transaction_that_failed(cast: Cast) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        send_report(to=cast.manager_a, subject="Bilan", body="x")
        raise RuntimeError
    assert not Message.objects.exists()


@pytest.mark.parametrize("character", list("\r\n\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))
def test_a_subject_that_could_break_a_header_is_refused(cast: Cast, character: str) -> None:
    with pytest.raises(UnsafeTextError):
        send_report(to=cast.manager_a, subject=f"Bilan{character}Bcc: x", body="x")
    assert not Message.objects.exists()


def test_a_text_is_shown_as_text(cast: Cast, client_of: ClientOf) -> None:
    entry = deliver(cast.parent, "<b>gras</b>", "<script>alert(1)</script>")
    text = words_of(client_of(cast.parent), f"{BOX}{entry.uuid}/")
    assert "&lt;script&gt;alert(1)" in text
    assert "&lt;b&gt;gras" in text


def test_an_address_of_the_portal_is_a_link_and_no_other_is(
    cast: Cast, client_of: ClientOf
) -> None:
    """R-E6: the report leads to the mailing and to the list of whom it could not reach."""
    ours = "http://127.0.0.1:8000/annuaire/?etat=sans-adresse&x=1"
    body = f'Suivi : {ours}\nhttps://evil.example/ http://127.0.0.1:8000.evil.example/\n{ours}"><b>'
    entry = deliver(cast.parent, "Bilan", body)
    page = client_of(cast.parent).get(f"{BOX}{entry.uuid}/").content.decode()
    shown = ours.replace("&", "&amp;")
    assert f'<a href="{shown}">{shown}</a><br>' in page
    assert f'<a href="{shown}&quot;&gt;&lt;b&gt;">' in page
    assert "https://evil.example/" in page
    assert 'href="https://evil' not in page
    assert 'href="http://127.0.0.1:8000.evil' not in page


def test_messages_end_on_their_day_and_the_bin_is_emptied(cast: Cast, client_of: ClientOf) -> None:
    kept, binned = deliver(cast.parent, "Gardé"), deliver(cast.parent, "Jeté")
    apply_act(person_id=cast.parent.pk, act=MailboxAct.DELETE, entries=[binned.uuid])
    now = timezone.now()
    with time_machine.travel(now + timedelta(days=29), tick=False):
        assert delete_old() == 0
    with time_machine.travel(now + timedelta(days=31), tick=False):
        assert delete_old() == 1
        assert list(Message.objects.values_list("subject", flat=True)) == ["Gardé"]
    with time_machine.travel(now + timedelta(days=366), tick=False):
        assert delete_old() == 1
        assert not MailboxEntry.objects.filter(pk=kept.pk).exists()
        assert delete_old() == 0


def test_a_message_past_its_day_is_not_there_even_before_the_sweep(
    cast: Cast, client_of: ClientOf
) -> None:
    entry = deliver(cast.parent)
    Message.objects.update(
        sent_at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(seconds=1)
    )
    client = client_of(cast.parent)
    assert client.get(f"{BOX}{entry.uuid}/").status_code == 404
    assert "Aucun message reçu" in words_of(client)
