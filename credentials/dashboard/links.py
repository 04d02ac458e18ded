"""From a number to what is done about it: « Fiches et lettres », « Diffusion », filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.http import QueryDict
from django.urls import reverse

from accounts.enums import AccountState
from credentials.dashboard.counting import Counts
from credentials.enums import EmailPresence, SlipLayout
from credentials.forms.mailing import TARGETS
from credentials.selection import LOCAL_PROFILES, Choice
from directory.enums import GroupKind, Profile
from directory.models import Group, School


def slips_address(
    school: School, profiles: Mapping[Profile, Counts], *, groups: Iterable[Group] = ()
) -> str:
    """Return the form of the sheets of those who have not come in yet, "" when all have.

    Parents alone get letters: sheets are handed out in class.
    """
    wanted = _left(profiles)
    if not wanted:
        return ""
    layout = SlipLayout.LETTER if wanted == [Profile.GUARDIAN] else SlipLayout.EIGHT
    query = QueryDict(mutable=True)
    query.setlist("profils", [profile.value for profile in wanted])
    query.setlist("classes", [str(group.uuid) for group in groups])
    query["etats"] = AccountState.PENDING.value
    query["format"] = layout.value
    return f"{reverse('credentials:prepare-slips', args=[school.uai])}?{query.urlencode()}"


def letters_without_address(school: School, choice: Choice) -> str:
    """Return the form of the sheets of whom a mailing could not reach, "" for named people."""
    wanted = [profile for profile in choice.profiles if profile in LOCAL_PROFILES]
    if not wanted or choice.persons:
        return ""
    layout = SlipLayout.LETTER if wanted == [Profile.GUARDIAN] else SlipLayout.EIGHT
    chosen = Group.objects.filter(school=school, is_present=True, uuid__in=choice.groups)
    query = QueryDict(mutable=True)
    query.setlist("profils", [profile.value for profile in wanted])
    for field, kind in (("classes", GroupKind.CLASS), ("groupes", GroupKind.GROUP)):
        query.setlist(field, [str(group.uuid) for group in chosen if group.kind == kind])
    query["etats"] = AccountState.PENDING.value
    query["adresse"] = EmailPresence.WITHOUT.value
    query["format"] = layout.value
    return f"{reverse('credentials:prepare-slips', args=[school.uai])}?{query.urlencode()}"


def mailing_address(
    school: School, profiles: Mapping[Profile, Counts], *, groups: Iterable[Group] = ()
) -> str:
    """Return the form that mails those who have not come in yet, "" when all have."""
    wanted = set(_left(profiles))
    targets = [word for word, _, meant in TARGETS if wanted.intersection(meant)]
    if not targets:
        return ""
    query = QueryDict(mutable=True)
    query.setlist("cible", targets)
    query.setlist("classes", [str(group.uuid) for group in groups])
    return f"{reverse('credentials:prepare-mailing', args=[school.uai])}?{query.urlencode()}"


def _left(profiles: Mapping[Profile, Counts]) -> list[Profile]:
    return [profile for profile, counts in profiles.items() if counts.pending]
