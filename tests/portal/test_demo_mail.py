"""« Courriels de la démonstration » shows what was not sent, and exists nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.mail import EmailMessage, get_connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.EMAIL_FILE_PATH = str(tmp_path)
    return tmp_path


def send(*subjects: str) -> None:
    connection = get_connection("django.core.mail.backends.filebased.EmailBackend")
    connection.send_messages(
        [
            EmailMessage(
                subject, "Bonjour à vous,\n\n<b>l’ENT</b>", "ent@preau.invalid", ["a@b.invalid"]
            )
            for subject in subjects
        ]
    )


def test_the_messages_of_the_folder_are_shown_whole(client: Client, mail_folder: Path) -> None:
    send("Vos identifiants de connexion", "Été : deuxième message")
    page = client.get(reverse("demo:mail")).content.decode()
    assert "Vos identifiants de connexion" in page
    assert "Été : deuxième message" in page
    assert "Bonjour à vous," in page
    assert "&lt;b&gt;l’ENT&lt;/b&gt;" in page


def test_an_empty_folder_says_so(client: Client, mail_folder: Path) -> None:
    page = client.get(reverse("demo:mail")).content.decode()
    assert "Aucun courriel pour l’instant" in page


def test_outside_the_demonstration_the_page_does_not_exist(
    client: Client, mail_folder: Path, settings: Settings
) -> None:
    send("Secret")
    settings.ROOT_URLCONF = "ent.urls"
    answer = client.get("/demonstration/courriels/")
    assert answer.status_code == 404
    assert "Secret" not in answer.content.decode()
