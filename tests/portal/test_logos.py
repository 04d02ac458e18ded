"""Logos are served as what they are, and nothing else."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from portal.models import SchoolPage
from portal.school_pages.pictures import read_picture
from portal.services import store_logo
from tests import factories as make
from tests.kit.pictures import encoded_picture


@pytest.mark.django_db
def test_a_logo_is_shown_on_its_schools_page_and_served_without_sniffing(client: Client) -> None:
    """Content type of ours, nosniff, for ever: a new picture has a new address."""
    picture = read_picture(encoded_picture("PNG"))
    logo = store_logo(picture=picture)
    school = make.make_school()
    SchoolPage.objects.create(school=school, logo=logo)
    assert f"/logos/{logo.uuid}" in client.get(f"/etablissements/{school.slug}/").content.decode()
    response = client.get(f"/logos/{logo.uuid}")
    assert response.content == picture.data
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_an_unknown_logo_is_a_404(client: Client) -> None:
    """Nothing to learn from it."""
    assert client.get(f"/logos/{uuid.uuid4()}").status_code == 404
