"""What the journal keeps of addresses: that one changed, never which."""

from __future__ import annotations

from django.db.models import TextChoices

from accounts.models import Account
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.audit.vocabulary import vocabulary


@vocabulary
class AddressAct(TextChoices):
    """Acts of an owner on their own address."""

    ASKED = "address:asked", "Changement d’adresse de notification demandé"
    CHANGED = "address:changed", "Adresse de notification confirmée"
    REMOVED = "address:removed", "Adresse de notification retirée"


def address_act(act: AddressAct, account: Account, origin: Origin) -> None:
    """Write the event, readable by those in charge of the person's school."""
    person = account.person
    record(
        act=act,
        actor=person.uuid,
        subject=person.uuid,
        school_uai=person.main_school.uai if person.main_school is not None else "",
        origin=origin,
    )
