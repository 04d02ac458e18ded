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
