"""What the credentials' room offers on a person's sheet."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Account
from credentials.perms import may_rescue_account
from directory.models import Person
from directory.rights.actors import actor_of
from directory.rights.acts import Act
from directory.sheets.registry import SheetAct

_REGENERATE = "Régénérer le mot de passe"


def rescue_acts(request: HttpRequest, person: Person) -> list[SheetAct]:
    """Give the three rescues, or the one reason why there are none."""
    actor = actor_of(request)
    account = Account.objects.select_related("person").filter(person=person).first()
    if account is None or not actor.may(Act.RESCUE) or person.pk == actor.person_id:
        return []
    verdict = may_rescue_account(actor, account)
    if not verdict:
        return [SheetAct(label=_REGENERATE, reason=verdict.reason)]
    return [
        SheetAct(label=label, href=reverse(f"credentials:{name}", args=[person.uuid]), icon=icon)
        for label, name, icon in (
            (_REGENERATE, "regenerate-password", "key"),
            ("Modifier le login", "change-login", "edit"),
            ("Débloquer", "unlock", "lock"),
        )
    ]
