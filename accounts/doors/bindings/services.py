"""What a human does about bindings: cut one, settle a refused claim, or close it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from accounts.account.logins import normalise_login
from accounts.account.models import Account
from accounts.doors.base.models import Door
from accounts.doors.bindings import journal
from accounts.doors.bindings.matching import activate_academic, people_of
from accounts.doors.bindings.models import DoorBinding, RefusedBinding
from accounts.session_ends.endings import end_account_sessions
from directory.models import Person
from directory.rights.actors import Actor
from directory.rights.acts import Rank
from directory.rights.conditions import ranked_below
from ent.audit.origin import Origin


class CannotBindError(Exception):
    """The account cannot be bound to this subject: why, in French."""


@transaction.atomic
def unbind(*, binding: DoorBinding, actor: UUID | None, origin: Origin) -> None:
    """Cut an account from its academic subject; its open sessions end at once.

    Whom one may cut is `accounts.account.perms.can_unbind`; *actor* is None from the machine
    itself.
    """
    end_account_sessions(account=binding.account)
    journal.unbound(binding, actor=actor, origin=origin)
    binding.delete()


@transaction.atomic
def settle(*, refused: RefusedBinding, login: str, actor: Actor, origin: Origin) -> Account:
    """Bind the refused subject to the account that a human names; raises `CannotBindError`.

    The person must be one whom the door lets in: active, of its authority, of its audiences, and
    neither the actor nor an ENT administrator, whose account would be the subject's from then on.
    An account that has another subject at this door is freed first, on purpose, by a human.
    """
    door = refused.door
    account = _account_named(door, login, actor)
    others = DoorBinding.objects.filter(door=door, account=account)
    if others.exclude(subject=refused.subject).exists():
        raise CannotBindError(
            "Cette personne est déjà rattachée à un autre identifiant académique\u00a0: "
            "détachez-la d’abord."
        )
    binding, is_new = DoorBinding.objects.select_for_update().get_or_create(
        door=door,
        subject=refused.subject,
        defaults={"account": account, "matched": refused.attribute},
    )
    if not is_new:
        if binding.account_id != account.pk:
            raise CannotBindError(
                "Cet identifiant académique est rattaché à quelqu’un d’autre\u00a0: "
                "détachez-le d’abord."
            )
        DoorBinding.objects.filter(pk=binding.pk).update(matched=refused.attribute)
    activate_academic(account, origin)
    journal.bound_by_hand(account, door=door, actor=actor.uuid, origin=origin)
    RefusedBinding.objects.filter(door=door, subject=refused.subject).delete()
    return account


@transaction.atomic
def close_refusal(*, refused: RefusedBinding, actor: UUID, origin: Origin) -> None:
    """Take a refusal off the list; the person may try again, and be refused again."""
    journal.refusal_closed(refused, actor=actor, origin=origin)
    refused.delete()


def _account_named(door: Door, login: str, actor: Actor) -> Account:
    accounts = Account.objects.select_related("person__main_school")
    account = accounts.filter(login=normalise_login(login), person__in=people_of(door)).first()
    if account is None or not account.is_active:
        raise CannotBindError(
            "Aucune personne de cette autorité, présente et admise par ce guichet, ne porte cet "
            "identifiant."
        )
    below = Person.objects.filter(ranked_below(Rank.ENT_ADMINISTRATOR), pk=account.person_id)
    if account.person_id == actor.person_id or not below.exists():
        raise CannotBindError(
            "On ne rattache ni son propre compte ni celui d’un administrateur ENT\u00a0: son "
            "adresse dans l’annuaire doit être celle que l’académie transmet."
        )
    return account
