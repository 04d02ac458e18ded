"""The address for machines: who comes in, what is given, and what nobody learns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from directory.models import Person
from directory.rights.actors import actor_for
from ent.audit.models import AuditEvent, AuditIdentity
from ent.audit.origin import Origin
from ent.files.models import StoredFile
from ent.sealing.wrapping import wrap
from pronote_bridge.enums import ExportState
from pronote_bridge.journal import PronoteAct
from pronote_bridge.machines import making
from pronote_bridge.machines.services import change_access, create_secret, withdraw_secret
from pronote_bridge.models import Export, Instance, MachineSecret
from sso.catalogue.locking import ActorAndOrigin
from tests import factories as make
from tests.kit import canaries
from tests.pronote_bridge.files import KeyPair, make_key_pair
from tests.pronote_bridge.population import make_instance, make_pupil, make_vendor, manager_of, work
from tests.pronote_bridge.reader import Base, open_vendor_file

pytestmark = pytest.mark.django_db

NOWHERE = UUID("00000000-0000-4000-8000-000000000000")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    """The vendor's key pair."""
    return make_key_pair(tmp_path_factory.mktemp("key"))


@dataclass
class Machine:
    """A machine that calls, and the instance that it calls for."""

    instance: Instance
    by: ActorAndOrigin
    secret: str

    def call(
        self, method: str, path: str = "", *, secret: str | None = None,
        instance: UUID | None = None, **headers: str,
    ) -> Any:  # fmt: skip
        """Call one of the addresses."""
        value = self.secret if secret is None else secret
        sent = {"Authorization": f"Bearer {value}", **headers}
        address = f"/pronote/machines/{instance or self.instance.uuid}/{path}"
        return Client(enforce_csrf_checks=True).generic(method, address, headers=sent)

    def start(self) -> str:
        """Start an export and return where its state stands."""
        place = f"/pronote/machines/{self.instance.uuid}/"
        return str(self.call("POST")["Location"]).removeprefix(place)

    def file(self, **headers: str) -> Any:
        """Ask for the last finished file."""
        return self.call("GET", "fichier/", secret=None, instance=None, **headers)


@pytest.fixture
def machine(db: None, pair: KeyPair) -> Machine:
    """A machine with a secret, whose network is allowed."""
    make_vendor(pair)
    school = make.make_school()
    make_pupil(school)
    instance = make_instance(school)
    by = ActorAndOrigin(actor=actor_for(manager_of(school)), origin=Origin())
    change_access(instance=instance, is_open=True, networks=["127.0.0.0/8"], by=by)
    secret = create_secret(instance=instance, by=by)
    canaries.watch(secret)
    return Machine(instance, by, secret)


def content(response: Any) -> bytes:
    """The bytes of a streamed answer."""
    return b"".join(response.streaming_content)


def test_an_export_is_started_followed_and_fetched(machine: Machine, pair: KeyPair) -> None:
    started = machine.call("POST")
    assert started.status_code == 202
    state = started["Location"].removeprefix(f"/pronote/machines/{machine.instance.uuid}/")
    assert machine.call("GET", state).json() == {"etat": "en-preparation"}
    assert machine.file().status_code == 404
    work()
    ready = machine.call("GET", state).json()
    response = machine.file()
    file = content(response)
    assert (ready["etat"], ready["octets"]) == ("pret", len(file))
    assert ready["sha256"] == hashlib.sha256(file).hexdigest()
    assert response["ETag"] == f'"{ready["sha256"]}"'
    assert response["Repr-Digest"].startswith("sha-256=:")
    base = Base()
    base.take(open_vendor_file(file, pair.private))
    assert [key[0] for key in base.lines] == ["Eleves"]


def test_parts_and_conditions_are_answered(machine: Machine) -> None:
    machine.call("POST")
    work()
    assert machine.call("HEAD", "fichier/")["Content-Length"]
    part = machine.file(Range="bytes=10-19")
    first = content(part)
    assert part.status_code == 206
    assert part["Content-Range"].startswith("bytes 10-19/")
    end = content(machine.file(Range="bytes=-5"))
    etag = part["ETag"]
    assert machine.file(**{"If-None-Match": etag}).status_code == 304
    assert machine.file(Range="bytes=999999999-").status_code == 416
    assert machine.file(Range="bytes=0-1", **{"If-Range": '"autre"'}).status_code == 200
    whole = content(machine.file())
    assert (first, end) == (whole[10:20], whole[-5:])


def test_once_fetched_whole_the_file_is_gone_and_serves_as_a_base(machine: Machine) -> None:
    machine.call("POST")
    work()
    etag = machine.file(Range="bytes=0-9")["ETag"]
    assert Export.objects.get().downloaded_at is None
    content(machine.file())
    assert Export.objects.get().downloaded_at is not None
    assert not StoredFile.objects.exists()
    for asked in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": '"autre"'}):
        gone = machine.file(**asked)
        assert gone.status_code == 410
        assert "remis en entier" in gone.json()["erreur"]
    assert machine.file(**{"If-None-Match": etag}).status_code == 304
    assert machine.call("GET", "fichier/", secret="preau_pronote_faux").status_code == 401
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        assert machine.file(**{"If-None-Match": etag}).status_code == 404
    machine.call("POST")
    work()
    assert machine.file().status_code == 200


def test_the_last_byte_alone_is_not_the_file_and_parts_in_a_row_are(machine: Machine) -> None:
    machine.call("POST")
    work()
    size = int(machine.call("HEAD", "fichier/")["Content-Length"])
    for part in ("bytes=-1", f"bytes={size // 2}-", "bytes=0-9", "bytes=11-"):
        content(machine.file(Range=part))
        assert Export.objects.get().downloaded_at is None, part
    assert StoredFile.objects.get().expires_at > timezone.now() + timedelta(hours=23)
    content(machine.file(Range="bytes=5-10"))
    content(machine.file(Range="bytes=11-"))
    assert Export.objects.get().downloaded_at is not None


def test_a_machine_goes_on_from_where_its_line_broke(machine: Machine) -> None:
    machine.call("POST")
    work()
    broken = machine.file()
    got = len(next(iter(broken.streaming_content)))
    broken._iterator.close()  # the answer's own close() would end the test's transaction
    assert Export.objects.get().downloaded_at is None
    content(machine.file(Range=f"bytes={got - 1}-"))
    assert Export.objects.get().downloaded_at is not None


def test_a_range_of_thousands_of_figures_is_none(machine: Machine) -> None:
    machine.call("POST")
    work()
    for part in (f"bytes={'9' * 5_000}-", f"bytes=-{'9' * 5_000}", f"bytes=0-{'9' * 5_000}"):
        assert machine.file(Range=part).status_code == 200


def test_every_refusal_is_the_same_for_an_instance_that_does_not_exist(machine: Machine) -> None:
    for method, path in (
        ("POST", ""),
        ("GET", "fichier/"),
        ("GET", f"exports/{NOWHERE}/"),
    ):
        wrong = machine.call(method, path, secret="preau_pronote_faux")
        unknown = machine.call(method, path, instance=NOWHERE)
        absent = machine.call(method, path, secret="")
        answers = {(one.status_code, one.content, one["WWW-Authenticate"])
                   for one in (wrong, unknown, absent)}  # fmt: skip
        assert len(answers) == 1
        assert wrong.status_code == 401
    change_access(instance=machine.instance, is_open=False, networks=[], by=machine.by)
    assert machine.file().status_code == 401


def test_another_network_is_refused_even_with_the_secret(machine: Machine) -> None:
    change_access(
        instance=machine.instance, is_open=True, networks=["198.51.100.0/24"], by=machine.by
    )
    assert machine.file().status_code == 403
    assert machine.call("POST").status_code == 403


def test_too_many_calls_are_refused_alike_whoever_calls(machine: Machine) -> None:
    answers = [machine.call("GET", "fichier/", instance=NOWHERE) for _ in range(31)]
    assert [one.status_code for one in answers] == [401] * 30 + [429]
    known = machine.file()
    assert (known.status_code, known.content) == (429, answers[-1].content)
    assert known["Retry-After"] == "60"


def test_an_instance_starts_six_exports_an_hour(machine: Machine) -> None:
    answers = [machine.call("POST").status_code for _ in range(7)]
    assert answers == [202] * 6 + [429]


def test_two_secrets_live_side_by_side_and_one_withdrawn_opens_nothing(machine: Machine) -> None:
    second = create_secret(instance=machine.instance, by=machine.by)
    machine.call("POST")
    work()
    for secret in (machine.secret, second):
        assert machine.call("GET", "fichier/", secret=secret).status_code == 200
    first = MachineSecret.objects.order_by("pk").select_related("instance")[0]
    withdraw_secret(secret=first, by=machine.by)
    assert machine.file().status_code == 401
    assert machine.call("GET", "fichier/", secret=second).status_code == 200


def test_a_file_is_ready_only_once_its_key_is_sealed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = machine.start()
    told = []

    def asked_meanwhile(key: bytes, *, public_key: bytes, context: bytes) -> bytes:
        assert Export.objects.get().state == ExportState.READY
        told.append(machine.call("GET", state).json())
        return wrap(key, public_key=public_key, context=context)

    monkeypatch.setattr(making, "wrap", asked_meanwhile)
    work()
    assert told == [{"etat": "en-preparation"}]
    assert machine.call("GET", state).json()["etat"] == "pret"


def test_a_secret_made_after_an_export_is_told_to_ask_for_another(machine: Machine) -> None:
    state = machine.start()
    work()
    later = create_secret(instance=machine.instance, by=machine.by)
    answer = machine.call("GET", state, secret=later).json()
    assert answer["etat"] == "echec"
    assert "Demandez un nouvel export" in answer["erreur"]
    assert machine.call("GET", "fichier/", secret=later).status_code == 404
    assert machine.call("GET", state).json()["etat"] == "pret"
    again = machine.start()
    work()
    assert machine.call("GET", again, secret=later).json()["etat"] == "pret"


def test_an_export_that_fails_says_why(machine: Machine) -> None:
    state = machine.start()
    change_access(instance=machine.instance, is_open=False, networks=[], by=machine.by)
    work()
    change_access(instance=machine.instance, is_open=True, networks=["127.0.0.0/8"], by=machine.by)
    answer = machine.call("GET", state).json()
    assert answer["etat"] == "echec"
    assert "fermé" in answer["erreur"]


def test_only_a_hash_is_kept_and_the_journal_names_the_instance(machine: Machine) -> None:
    machine.call("POST")
    kept = MachineSecret.objects.get()
    assert bytes(kept.secret_hash) == hashlib.sha256(machine.secret.encode()).digest()
    pseudonym = AuditIdentity.objects.get(person_uuid=machine.instance.uuid).pseudonym
    event = AuditEvent.objects.get(act=PronoteAct.EXPORT_REQUESTED)
    assert event.actor_pseudonym == pseudonym


def test_the_secret_opens_nothing_else(machine: Machine) -> None:
    for path in ("/accueil/", f"/gestion/pronote/{machine.instance.uuid}/"):
        answer = Client().get(path, headers={"Authorization": f"Bearer {machine.secret}"})
        assert answer.status_code == 302


def test_the_secret_is_shown_once_on_the_page_that_makes_it(
    machine: Machine, client_of: Callable[[Person | None], Client]
) -> None:
    manager = Person.objects.get(pk=machine.by.actor.person_id)
    client = client_of(manager)
    place = f"/gestion/pronote/{machine.instance.uuid}/machines/"
    shown = client.post(f"{place}secrets/")
    assert "preau_pronote_" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    page = client.get(place).content.decode()
    assert "preau_pronote_" not in page
    assert "Créer un secret" not in page
