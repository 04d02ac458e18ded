"""The portal's texts: versions are added, the portal's data stands in them."""

from __future__ import annotations

import pytest
from django.test import Client

from portal.enums import TextKind
from portal.identity import forget_portal_settings
from portal.models import LegalText, PortalSettings
from portal.services import publish_text


@pytest.mark.django_db
def test_a_new_version_replaces_the_text_and_keeps_the_former_one(client: Client) -> None:
    """R-J5: what people have read stays on record."""
    publish_text(kind=TextKind.LEGAL, body="Premier texte.", actor=None)
    publish_text(kind=TextKind.LEGAL, body="Second texte <b>.", actor=None)
    page = client.get("/informations/mentions-legales/").content.decode()
    assert "Second texte &lt;b&gt;." in page
    assert "Version 2" in page
    assert [text.version for text in LegalText.objects.order_by("version")] == [1, 2]


@pytest.mark.django_db
def test_the_default_text_says_what_the_portal_was_told(client: Client) -> None:
    """And « Non renseigné » for what nobody told."""
    page = client.get("/informations/mentions-legales/").content.decode()
    assert "Non renseigné" in page
    PortalSettings.objects.create(name="ENT des Vosges", publisher="Département des Vosges")
    forget_portal_settings()
    page = client.get("/informations/mentions-legales/").content.decode()
    assert "Département des Vosges" in page
    assert "ENT des Vosges" in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("body", "mention"),
    [
        (None, "Accessibilité\u00a0: non conforme"),
        ("Rien d’audité.", "Accessibilité\u00a0: non conforme"),
        ("Accessibilité : partiellement conforme.", "Accessibilité\u00a0: partiellement conforme"),
    ],
)
def test_every_footer_bears_the_mention_of_the_law(
    client: Client, body: str | None, mention: str
) -> None:
    """Decree 2019-768, article 5; the footer said « Accessibilité »."""
    forget_portal_settings()
    if body is not None:
        publish_text(kind=TextKind.ACCESSIBILITY, body=body, actor=None)
    for address in ("/", "/connexion/", "/informations/aide/"):
        assert mention in client.get(address).content.decode()
    forget_portal_settings()
