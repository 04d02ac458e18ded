"""Heads, managers and form teachers bound to a second factor by their authority, from a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.enums import AccountKind
from accounts.models import Account
from directory.authorities.services import save_authority
from directory.models import Authority
from tests import factories as make
from tests.accounts.applications import ENROL
from tests.accounts.signing import no_terms, sign_in
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def without_terms() -> None:
    no_terms()


_TODAY, _TOMORROW = timezone.localdate(), timezone.localdate() + timedelta(days=1)


@pytest.mark.parametrize(
    ("who", "day", "is_bound"),
    [
        ("manager_a", _TODAY, True),
        ("credentials_manager", _TODAY, True),
        ("head", _TODAY, True),
        ("manager_a", _TOMORROW, False),
        ("manager_a", None, False),
        ("teacher", _TODAY, False),
        ("pupil", _TODAY, False),
        ("far_pupil", _TODAY, False),
    ],
)
def test_an_authority_binds_who_manages_its_schools_from_a_day(
    cast: Cast, who: str, day: date | None, is_bound: bool
) -> None:
    Authority.objects.filter(pk=cast.academy.pk).update(second_factor_from=day)
    Authority.objects.filter(pk=cast.other_academy.pk).update(second_factor_from=_TODAY)
    account = Account.objects.get(person=getattr(cast, who))
    client = Client()
    if account.kind == AccountKind.LOCAL:
        sent_to = sign_in(client, account.login, make.PASSWORD).headers["Location"]
        assert (sent_to == ENROL) is is_bound
    else:
        client.force_login(account)
    answer = client.get("/accueil/")
    assert (answer.status_code == 303 and answer.headers["Location"] == ENROL) is is_bound


def test_a_form_teacher_is_bound_by_the_authority_of_their_class(cast: Cast) -> None:
    """The role names a class; whoever comes in by the academy installs one, too."""
    Authority.objects.filter(pk=cast.academy.pk).update(second_factor_from=_TODAY)
    client = Client()
    client.force_login(Account.objects.get(person=cast.form_teacher))
    answer = client.get("/accueil/")
    assert (answer.status_code, answer.headers["Location"]) == (303, ENROL)


def test_a_session_of_before_the_day_meets_the_step_at_its_next_page(cast: Cast) -> None:
    account = Account.objects.get(person=cast.manager_a)
    client = Client()
    sign_in(client, account.login, make.PASSWORD)
    assert client.get("/accueil/").status_code == 200
    cast.academy.second_factor_from = _TODAY
    save_authority(authority=cast.academy, changed=["second_factor_from"], actor=None, origin=None)
    answer = client.get("/accueil/")
    assert (answer.status_code, answer.headers["Location"]) == (303, ENROL)
