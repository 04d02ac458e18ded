"""How many codes one person may open in a day, and who is told (« trust », part 1).

Counted are the codes of the files and printings that are handed over, each once a day. A person may
open as many as there are accounts in their schools, and a hundred more, or what
``settings.CODES_A_DAY`` says. What would pass this ceiling is kept as a request: an administrator
of the authority allows it, and the file can then be opened on that day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import Account
from credentials.enums import OpeningState
from credentials.openings.models import CodeOpening
from credentials.openings.telling import tell_heads
from credentials.perms import actor_still_in_charge, schools_with_slips_of
from directory.models import Affiliation, Person, School
from directory.rights.actors import Actor
from ent.pages.french import number_words

#: Codes of one day beyond the accounts of the actor's schools: files printed again, newcomers.
MORE_CODES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What is about to be handed over: a file of codes or a printing, and how many codes it holds.

    *is_wide* says that it holds more than one class.
    """

    reference: UUID
    name: str
    school: School
    codes: int
    is_wide: bool


@transaction.atomic
def refuse_opening(opened: Opened, person_uuid: UUID) -> str:
    """Count an opening; return why it must wait for an administrator, "" when it may go on.

    Called while the openings of this person stand in a queue (``ent.files.handoff``).
    """
    actor = actor_still_in_charge(person_uuid)
    if actor is None:
        return "Vous n’avez plus le droit d’ouvrir ce fichier."
    today = timezone.localdate()
    row = CodeOpening.objects.filter(
        person=actor.person_id, day=today, reference=opened.reference
    ).first()
    if row is not None and row.state == OpeningState.OPENED:
        return ""
    is_allowed = row is not None and row.state == OpeningState.ALLOWED
    done = _opened_on(actor, today)
    # Nobody's ceiling by accounts is below a hundred: most openings count no account.
    is_small = not settings.CODES_A_DAY and done + opened.codes <= MORE_CODES
    ceiling = None if is_small else _ceiling(actor)
    if not is_allowed and ceiling is not None and done + opened.codes > ceiling:
        _keep(opened, actor, OpeningState.ASKED)
        return (
            f"Vous avez ouvert {number_words(done)} codes aujourd’hui et ce fichier en contient "
            f"{number_words(opened.codes)}\u00a0: le plafond d’une journée est de "
            f"{number_words(ceiling)}. Un administrateur de l’ENT doit permettre cette ouverture"
            "\u00a0: la demande lui est faite, revenez ensuite télécharger le fichier."
        )
    is_first = opened.is_wide and not _has_opened_wide(actor, opened.school)
    _keep(opened, actor, OpeningState.OPENED)
    if is_first:
        reader = Person.objects.get(pk=actor.person_id)
        tell_heads(school=opened.school, by=reader, opened=opened.codes)
    return ""


def _keep(opened: Opened, actor: Actor, state: OpeningState) -> None:
    CodeOpening.objects.update_or_create(
        person_id=actor.person_id,
        day=timezone.localdate(),
        reference=opened.reference,
        defaults={
            "school": opened.school,
            "name": opened.name,
            "codes": opened.codes,
            "is_wide": opened.is_wide,
            "state": state,
        },
    )


def _opened_on(actor: Actor, day: date) -> int:
    rows = CodeOpening.objects.filter(person=actor.person_id, day=day, state=OpeningState.OPENED)
    return rows.aggregate(total=Sum("codes"))["total"] or 0


def _has_opened_wide(actor: Actor, school: School) -> bool:
    return CodeOpening.objects.filter(
        person=actor.person_id,
        school=school,
        day=timezone.localdate(),
        is_wide=True,
        state=OpeningState.OPENED,
    ).exists()


def _ceiling(actor: Actor) -> int:
    if settings.CODES_A_DAY:
        return int(settings.CODES_A_DAY)
    schools = schools_with_slips_of(actor)
    people = Affiliation.objects.filter(school__in=schools.values("pk"))
    return Account.objects.filter(person__in=people.values("person")).count() + MORE_CODES
