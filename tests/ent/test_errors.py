"""What a visitor sees when something goes wrong."""

import pytest
from django.test import Client


@pytest.mark.django_db
def test_an_unknown_address_gets_a_french_page(client: Client) -> None:
    """Never Django's own English page."""
    response = client.get("/rien-de-tel/")
    assert response.status_code == 404
    assert "Page introuvable" in response.content.decode()
