"""Authorities: added before their first delivery, by screen and from the machine."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from directory.models import Authority, Person
from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from tests.cast import Cast

pytestmark = pytest.mark.django_db

ADD = "/annuaire/administration/autorites/ajouter/"
CRETEIL = {"name": "Académie de Créteil", "code": "creteil", "kind": "academie", "feed_name": ""}


def test_an_administrator_adds_an_authority_and_is_told_what_comes_next(
    cast: Cast, client_of: Callable[[Person | None], Client]
) -> None:
    client: Client = client_of(cast.ent_administrator)
    page = client.post(ADD, CRETEIL, follow=True).content.decode()
    assert "déposez sa première livraison" in page
    assert "CRETEIL" in page
    assert Authority.objects.get(code="CRETEIL").name == "Académie de Créteil"
    event = AuditEvent.objects.filter(act=Act.SETTINGS_CHANGED).latest("id")
    assert event.authority_code == "CRETEIL"


def test_what_is_said_of_an_act_stands_in_no_cookie(
    cast: Cast, client_of: Callable[[Person | None], Client]
) -> None:
    """A message may hold a name; on a shared computer it must not outlive the session."""
    answer = client_of(cast.ent_administrator).post(ADD, CRETEIL)
    assert answer.status_code == 302
    assert "messages" not in answer.cookies


def test_the_same_code_in_other_capitals_is_refused_with_the_reason(
    cast: Cast, client_of: Callable[[Person | None], Client]
) -> None:
    client = client_of(cast.ent_administrator)
    client.post(ADD, CRETEIL)
    page = client.post(ADD, {**CRETEIL, "code": "Creteil"}).content.decode()
    assert "Ce code désigne déjà une autorité" in page
    assert Authority.objects.filter(code__iexact="creteil").count() == 1


def test_the_code_of_an_authority_never_changes(
    cast: Cast, client_of: Callable[[Person | None], Client]
) -> None:
    authority = cast.school_a.authority
    address = f"/annuaire/administration/autorites/{authority.uuid}/"
    client_of(cast.ent_administrator).post(
        address, {**CRETEIL, "name": "Académie renommée", "feed_name": "AUTRE"}
    )
    kept = Authority.objects.get(pk=authority.pk)
    assert (kept.code, kept.name, kept.feed_name) == (
        authority.code,
        "Académie renommée",
        "AUTRE",
    )


def test_the_machine_creates_one_and_names_the_next_command() -> None:
    said = io.StringIO()
    call_command("create_authority", "CRETEIL", "--name", "Académie de Créteil", stdout=said)
    assert "import_aaf DOSSIER --authority CRETEIL" in said.getvalue()
    with pytest.raises(CommandError, match="déjà une autorité"):
        call_command("create_authority", "creteil", "--name", "Encore")


def test_an_import_for_an_unknown_authority_says_how_to_add_it() -> None:
    with pytest.raises(CommandError, match="create_authority LYON"):
        call_command("import_aaf", "somewhere", "--authority", "LYON")
