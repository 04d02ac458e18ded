"""From a number to what is done about it: « Fiches et lettres », « Diffusion », filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.http import QueryDict
from django.urls import reverse

from accounts.enums import AccountState
from credentials.dashboard.counting import Counts
from credentials.dashboard.filters import NO_FILTERS, Filters
from credentials.enums import SlipLayout
from credentials.mailing.forms import TARGETS, MailingForm
from directory.enums import Profile
from directory.models import Group, School


def slips_address(
    school: School,
    profiles: Mapping[Profile, Counts],
    *,
    groups: Iterable[Group] = (),
    filters: Filters = NO_FILTERS,
) -> str:
    """Return the form of the sheets of those who have not come in yet, "" when all have.

    Parents alone get letters: sheets are handed out in class.
    """
    wanted = _left(profiles)
    if not wanted:
        return ""
    layout = SlipLayout.LETTER if wanted == [Profile.GUARDIAN] else SlipLayout.EIGHT
    query = _query(filters)
    query.setlist("profils", [profile.value for profile in wanted])
    query.setlist("classes", [str(group.uuid) for group in groups])
    query["etats"] = AccountState.PENDING.value
    query["format"] = layout.value
    if layout == SlipLayout.LETTER:
        # As many letters as the number says: who has no postal address is handed theirs.
        query["sans_adresse"] = "on"
    return f"{reverse('credentials:prepare-slips', args=[school.uai])}?{query.urlencode()}"


def mailing_address(
    school: School,
    profiles: Mapping[Profile, Counts],
    *,
    groups: Iterable[Group] = (),
    filters: Filters = NO_FILTERS,
) -> str:
    """Return the form that mails those who have not come in yet, "" when all have.

    Nor is there one when the form cannot choose the people that *filters* count.
    """
    if any(name not in MailingForm.base_fields for name, _ in filters.selection):
        return ""
    wanted = set(_left(profiles))
    targets = [word for word, _, meant in TARGETS if wanted.intersection(meant)]
    if not targets:
        return ""
    query = _query(filters)
    query.setlist("cible", targets)
    query.setlist("classes", [str(group.uuid) for group in groups])
    return f"{reverse('credentials:prepare-mailing', args=[school.uai])}?{query.urlencode()}"


def _query(filters: Filters) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in filters.selection:
        query[name] = value
    return query


def _left(profiles: Mapping[Profile, Counts]) -> list[Profile]:
    return [profile for profile, counts in profiles.items() if counts.pending]
