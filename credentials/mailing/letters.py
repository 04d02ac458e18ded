"""The way to the letters of those whom a mailing could not reach."""

from __future__ import annotations

from django.http import QueryDict
from django.urls import reverse

from accounts.enums import AccountState
from credentials.choice.population import LOCAL_PROFILES, PopulationChoice
from credentials.enums import EmailPresence, SlipLayout
from directory.enums import GroupKind, Profile
from directory.models import Group, School


def letters_without_address(school: School, choice: PopulationChoice) -> str:
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
    if choice.created_since is not None:
        query["depuis"] = choice.created_since.isoformat()
    query["adresse"] = EmailPresence.WITHOUT.value
    query["format"] = layout.value
    if layout == SlipLayout.LETTER:
        # As many letters as the number says: who has no postal address is handed theirs.
        query["sans_adresse"] = "on"
    return f"{reverse('credentials:prepare-slips', args=[school.uai])}?{query.urlencode()}"
