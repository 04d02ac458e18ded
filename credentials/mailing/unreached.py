"""Whom a mailing did not reach, with what a mail merge needs: login, class and postal address.

Those without an address to which a mail may go, those whose address a server refused for good, and
those whose mail came back. What the directory says today is for who may read it today: the person
is still of the mailing's school, within the actor's reach, and has not signed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import transaction
from django.db.models import Q

from accounts.enums import AccountState
from credentials.choice.families import Families, read_families
from credentials.enums import RecipientState, SkipReason
from credentials.journal import MailingAct
from credentials.mailing.answers import explain
from credentials.mailing.models import Campaign
from directory.enums import Profile
from directory.models import Person
from directory.rights.actors import Actor, actor_for
from directory.rights.acts import Act
from directory.rights.walls import visible_persons
from ent.audit.origin import Origin
from ent.audit.services import record

HEADER: Final = (
    "nom",
    "prenom",
    "profil",
    "identifiant",
    "classe",
    "adresse",
    "code postal",
    "commune",
    "courriel connu",
    "motif",
)
_READ: Final = (
    "account__person",
    "account__person__family_name",
    "account__person__given_name",
    "account__person__profile",
    "account__login",
    "account__person__address",
    "account__person__postal_code",
    "account__person__town",
    "account__person__notification_address__email",
    "account__person__email",
    "reason",
    "code",
    "answer",
)
UNREACHED: Final = Q(reason__in=SkipReason.unreachable()) | Q(
    state__in=(RecipientState.REFUSED, RecipientState.RETURNED)
)


def unreached_rows(campaign: Campaign, *, actor: Actor) -> Iterator[tuple[str, ...]]:
    """Give a row for each of them, by class then by name.

    Left out: erased people, who moved to another school or left, who has signed in since.
    """
    families = read_families(campaign.school_id)
    within = visible_persons(actor, Act.CREDENTIAL_FILES).in_schools([campaign.school_id])
    found = campaign.recipients.filter(
        UNREACHED,
        account__state=AccountState.PENDING,
        account__person__in=within.filter(left_at__isnull=True).values("pk"),
    )
    rows = found.order_by("account__person__sort_key", "pk").values_list(*_READ)
    profiles = dict(Profile.choices)
    listed = []
    for (
        person, family, given, profile, login, address, postal_code, town, chosen, email,
        reason, code, answer,
    ) in rows:  # fmt: skip
        rank, classes = _classes(families, person)
        why = SkipReason(reason).label if reason else explain(code, answer)
        lines = ", ".join(line.strip() for line in address.splitlines() if line.strip())
        row = (family, given, profiles.get(profile, ""), login, classes, lines, postal_code, town)
        listed.append((rank, (*row, chosen or email, why)))
    listed.sort(key=lambda one: one[0])  # stable: by name within a class
    return (row for _, row in listed)


def _classes(families: Families, person: int) -> tuple[int, str]:
    """Return where somebody stands among the classes, and the words for it."""
    own = families.classes.get(person)
    if own is not None:
        return own.rank, own.code
    children = families.children.get(person)
    if children is not None:
        return children.place.rank, children.codes
    return families.nowhere.rank, ""


@transaction.atomic
def export_unreached(*, campaign: Campaign, actor: Person, at: Origin) -> list[tuple[str, ...]]:
    """Return these rows, and journal that they were taken out."""
    rows = list(unreached_rows(campaign, actor=actor_for(actor)))
    record(
        act=MailingAct.EXPORTED,
        actor=actor.uuid,
        school_uai=campaign.school.uai,
        origin=at,
        details={"reference": campaign.uuid, "count": len(rows)},
    )
    return rows
