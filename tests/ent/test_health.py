"""The page that probes read."""

import pytest
from django.test import Client


@pytest.mark.django_db
def test_health_tells_that_the_database_and_the_broker_answer(client: Client) -> None:
    """T-L3: the health page tells."""
    response = client.get("/sante/")
    assert response.status_code == 200
    assert response.json() == {"base": "ok", "file": "ok"}
    assert "no-store" in response.headers["Cache-Control"]
