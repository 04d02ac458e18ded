"""The dashboard in a browser: read the numbers, sort, go to the sheets of a class."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.enums import AccountState
from accounts.models import Account, ActivationCode
from credentials.codes.issuing import issue_codes
from directory.enums import Profile, Role
from directory.models import Group, Person, School
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.cast import make_cast, verified_client
from tests.credentials.test_forgotten_browser import show
from tests.kit.browser import give_session
from tests.kit.server import LiveSite

pytestmark = pytest.mark.browser


def fill(school: School, group: Group, *, place: int) -> None:
    """A class of eight, each with a parent, in a mixture of states."""
    for number in range(8):
        pupil = make.make_person(school=school, given_name=f"Élève{place}n{number}")
        make.put_in_group(person=pupil, group=group)
        parent = make.make_person(
            school=None, given_name=f"Parent{place}n{number}", profile=Profile.GUARDIAN
        )
        make.make_child_of(guardian=parent, pupil=pupil)
        _account(pupil, (number + place) % 5)
        _account(parent, (number * 3 + place) % 7)


def _account(person: Person, fate: int) -> None:
    states = {0: AccountState.PENDING, 3: AccountState.PENDING, 6: AccountState.BLOCKED}
    state = states.get(fate, AccountState.ACTIVE)
    account = make.make_account(person=person, state=state)
    if state == AccountState.PENDING:
        issue_codes(account_ids=[account.pk], now=datetime.now(UTC))
        ActivationCode.objects.filter(
            account=account, account__person__profile=Profile.PUPIL
        ).update(handed_over_at=timezone.now())
    else:
        days = (account.pk * 37) % 60
        moment = timezone.now() - timedelta(days=days * days // 70)
        Account.objects.filter(pk=account.pk).update(activated_at=moment)


def test_a_secretary_reads_the_numbers_and_prints_for_a_class(
    browser_page: Page, live_site: LiveSite
) -> None:
    """R-E10: by class and profile, over time, then one click to the sheets."""
    no_terms()
    cast = make_cast()
    for place, code in enumerate(("3A", "3B", "5C")):
        fill(cast.school_a, make.make_class(school=cast.school_a, code=code), place=place)
    make.give_role(person=cast.manager_a, role=Role.SCHOOL_ADMINISTRATOR, school=cast.school_b)
    page = browser_page
    give_session(page.context, live_site, verified_client(cast.manager_a))

    page.goto("/annuaire/administration/")
    page.get_by_role("link", name="Activation des comptes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Activation des comptes")
    show(page, "activation-etablissements")
    page.get_by_role("link", name="Collège Aristide-Briand", exact=True).click()
    page.get_by_text("Voir les nombres").click()
    show(page, "activation-ouverte")
    page.get_by_text("Voir les nombres").click()
    page.get_by_role("link", name="Par jour").click()
    expect(page.get_by_role("heading", name="Premières activations par jour")).to_be_visible()
    show(page, "activation-etablissement")
    page.get_by_role("link", name="Fiches 3B").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Préparer des fiches")
    expect(page.get_by_role("checkbox", name="3B")).to_be_checked()
    expect(page.get_by_role("checkbox", name="3A")).not_to_be_checked()
    show(page, "activation-fiches")
