"""The progress of a job as people see it: their own, without JavaScript, to the end."""

import json
import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from directory.models import Person
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.registry import job_kind
from ent.jobs.running import run_now
from ent.jobs.services import enqueue
from tests.cast import Cast
from tests.ent import job_kinds

pytestmark = pytest.mark.django_db

SignIn = Callable[[Person | None], Client]
HTML = {"Accept": "text/html,*/*"}
JSON = {"Accept": "application/json"}

job_kind(
    "tests.watched", label="Suivi", may_watch=lambda job, person: job.school_uai == "0541111A"
)(job_kinds.refuse)
job_kind("tests.leads_on", label="Suite", next_page=lambda job: "/suite/")(job_kinds.nothing)
job_kind(
    "tests.leads_to_a_file",
    label="Fichier",
    next_page=lambda job: "/fichier/",
    next_words="Télécharger le fichier",
    is_next_automatic=False,
)(job_kinds.nothing)


def _page(job: Job, what: str = "progress") -> str:
    return reverse(f"jobs:{what}", args=[job.uuid])


def test_who_asked_sees_how_far_it_is(cast: Cast, client_of: SignIn) -> None:
    job = enqueue(kind="tests.count", params={"upto": 1}, actor=cast.manager_a.uuid)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, step="Lecture des élèves", done=1200, total=4800,
        started_at=timezone.now(),
    )  # fmt: skip
    client = client_of(cast.manager_a)

    html = client.get(_page(job), headers=HTML).content.decode()
    for words in ("Lecture des élèves", "200", "25", 'http-equiv="refresh"', "Annuler"):
        assert words in html
    assert 'http-equiv="refresh"' not in client.get(_page(job) + "?pause=1").content.decode()

    state = json.loads(client.get(_page(job), headers=JSON).content)
    assert (state["done"], state["total"], state["finished"]) == (1200, 4800, False)
    assert state["step"] == "Lecture des élèves"
    assert state["words"].startswith("depuis ")


def test_a_job_of_someone_else_does_not_exist(cast: Cast, client_of: SignIn) -> None:
    job = enqueue(kind="tests.count", params={"upto": 1}, actor=cast.manager_a.uuid)
    stranger = client_of(cast.manager_b)
    nobodys = reverse("jobs:progress", args=[uuid.uuid4()])

    refused = stranger.get(_page(job), headers=HTML)
    assert refused.status_code == stranger.get(nobodys, headers=HTML).status_code == 404
    assert stranger.get(_page(job), headers=JSON).status_code == 404
    assert stranger.post(_page(job, "cancel")).status_code == 404
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    assert client_of(None).get(_page(job)).status_code == 302


def test_a_kind_may_let_others_of_the_school_watch(cast: Cast, client_of: SignIn) -> None:
    ours = enqueue(kind="tests.watched", school_uai="0541111A")
    theirs = enqueue(kind="tests.watched", school_uai="0542222B")

    assert client_of(cast.manager_a).get(_page(ours), headers=HTML).status_code == 200
    assert client_of(cast.manager_a).get(_page(theirs), headers=HTML).status_code == 404


def test_a_failure_is_told_in_french_and_no_longer_refreshed(cast: Cast, client_of: SignIn) -> None:
    job = run_now(enqueue(kind="tests.refuse", actor=cast.manager_a.uuid))
    html = client_of(cast.manager_a).get(_page(job), headers=HTML).content.decode()

    assert "Le fichier ne contient aucun élève." in html
    assert 'http-equiv="refresh"' not in html
    assert "Annuler" not in html


def test_at_the_end_the_page_leads_on(cast: Cast, client_of: SignIn) -> None:
    client = client_of(cast.manager_a)
    ended = run_now(enqueue(kind="tests.leads_on", actor=cast.manager_a.uuid))
    answer = client.get(_page(ended), headers=HTML)
    assert (answer.status_code, answer["Location"]) == (302, "/suite/")
    assert json.loads(client.get(_page(ended), headers=JSON).content)["location"] == "/suite/"

    # A download must not leave the page behind it unfinished: the person takes it.
    file = run_now(enqueue(kind="tests.leads_to_a_file", actor=cast.manager_a.uuid))
    html = client.get(_page(file), headers=HTML).content.decode()
    assert "Télécharger le fichier" in html
    assert json.loads(client.get(_page(file), headers=JSON).content)["location"] == ""


def test_a_waiting_job_is_cancelled_from_its_page(cast: Cast, client_of: SignIn) -> None:
    job = enqueue(kind="tests.count", params={"upto": 1}, actor=cast.manager_a.uuid)
    client = client_of(cast.manager_a)

    assert client.get(_page(job, "cancel")).status_code == 405
    answer = client.post(_page(job, "cancel"), follow=True, headers=HTML)
    assert "arrêté à votre demande" in answer.content.decode()
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    again = client.post(_page(job, "cancel"), follow=True, headers=HTML)
    assert "déjà terminé" in again.content.decode()
