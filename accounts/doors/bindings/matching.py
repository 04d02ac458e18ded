"""From what an academy says to an account: the binding of a first sign-in, and its refusals (R-B5).

AAF gives staff a join key and an e-mail but no academic uid. So the first sign-in compares one
attribute of the validated response with the people whom that authority delivers, and binds
(door, subject) to the one account found, for good. An attribute may have several values (former
addresses): each is tried, and all of them together must designate one person. Anything else is a
refusal that a human looks at: no account is ever invented, and the same uid of two academies never
meets.
"""

from __future__ import annotations

import re
import secrets as random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.account import journal as account_journal
from accounts.account.access_state import copy_access_state
from accounts.account.models import Account
from accounts.activation.models import ActivationCode
from accounts.doors.base.models import Door
from accounts.doors.base.protocol import Assertion
from accounts.doors.bindings import journal
from accounts.doors.bindings.models import DoorBinding, RefusedBinding
from accounts.enums import AccountKind, AccountState, Audience, BindingRefusal, MatchOn
from directory.enums import Profile
from directory.models import Person
from directory.models.persons import PersonQuerySet
from ent.audit.origin import Origin
from ent.mail.addresses import spellings_of, usable_address

_JOIN_KEY = re.compile(r"(?:AC-(?P<authority>[^$]+)\$)?(?P<id>[^$]{1,40})", re.IGNORECASE)
_REFERENCE_CHARACTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LONGEST_ATTRIBUTE = 254
_MOST_VALUES = 10
_KEEP_REFUSALS = timedelta(days=90)


class BindingRefusedError(Exception):
    """The academy knows this person, and we do not let them in: why, and what to quote."""

    def __init__(self, reason: BindingRefusal, reference: str) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.reference = reference


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class _MatchedAccount:
    account: Account | None = None
    refusal: BindingRefusal | None = None


def account_of(*, door: Door, assertion: Assertion, origin: Origin) -> Account:
    """Return the account of who the academy says it is; raises `BindingRefusedError`."""
    values = matched_values(door, assertion)
    binding = _binding_of(door, assertion.subject)
    if binding is not None:
        found = _check_binding(binding, values)
    else:
        found = _bind(door, assertion.subject, values, origin)
    if found.account is None or found.refusal is not None:
        reason = found.refusal or BindingRefusal.NOBODY
        said = as_kept(values)
        refused = _note_refusal(door, assertion.subject, reason, said, found.account, origin)
        raise BindingRefusedError(reason, refused.reference)
    return found.account


def matched_values(door: Door, assertion: Assertion) -> tuple[str, ...]:
    """Return what is compared with the directory, nothing when the academy does not say it."""
    if not door.match_attribute:
        return (assertion.subject,)
    said = (value.strip().lower() for value in assertion.attributes.get(door.match_attribute, ()))
    return tuple(dict.fromkeys(value for value in said if value))[:_MOST_VALUES]


def as_kept(values: tuple[str, ...]) -> str:
    """Return the values as one text, in one order whatever order the academy says them in."""
    return " ".join(sorted(values))[:_LONGEST_ATTRIBUTE]


def candidates(door: Door, values: Iterable[str]) -> list[int]:
    """Return whom the values designate among those whom the door lets in: two at most."""
    if door.match_on == MatchOn.EMAIL:
        people = people_of(door).filter(_is_any_address(values)).exclude(email="")
    else:
        identifiers = [found for value in values if (found := _record_id(door, value))]
        if not identifiers:
            return []
        people = people_of(door, records__external_id__in=identifiers)
    return list(people.order_by().values_list("pk", flat=True).distinct()[:2])


def _is_any_address(values: Iterable[str]) -> Q:
    """Is the person's address one of these, whatever its case and what surrounds it?

    Feeds and academies write `mailto:` and angle brackets (`ent.mail.addresses`). One look into the
    index for each way of writing it.
    """
    wanted = Q(pk__in=())
    for value in values:
        for written in dict.fromkeys((value, *spellings_of(usable_address(value) or value))):
            wanted |= Q(email__iexact=written)
    return wanted


def people_of(door: Door, **record: object) -> PersonQuerySet:
    """Return whom a door may let in: active people of its authority's feed, of its audiences.

    *record* is asked of the very record that the authority delivers: somebody may have others,
    of another academy or of former years, whose identifiers are other people's here.
    """
    return Person.objects.filter(
        profile__in=_profiles(door),
        left_at=None,
        records__authority=door.authority,
        records__is_present=True,
        **record,
    )


def _profiles(door: Door) -> set[Profile]:
    """Whom a door may let in: a pupil's e-mail opens nothing at the door of the staff."""
    profiles: set[Profile] = set()
    if Audience.FAMILY in door.audiences:
        profiles |= {Profile.PUPIL, Profile.GUARDIAN}
    if Audience.STUDENT in door.audiences:
        profiles |= {Profile.STUDENT}
    if {Audience.TEACHER, Audience.STAFF} & set(door.audiences):
        profiles |= set(Profile.of_the_feed_staff())
    return profiles


def _record_id(door: Door, value: str) -> str:
    """Return the record's id of a join key (`AC-<ACADEMIE>$<id>` or the id), "" when foreign."""
    found = _JOIN_KEY.fullmatch(value.strip())
    if found is None or door.authority is None:
        return ""
    named = (found["authority"] or "").upper()
    if named and named not in {door.authority.code.upper(), door.authority.feed_name.upper()}:
        return ""
    return found["id"]


def _binding_of(door: Door, subject: str) -> DoorBinding | None:
    bindings = DoorBinding.objects.select_related("account__person__main_school")
    return bindings.filter(door=door, subject=subject).first()


def _check_binding(binding: DoorBinding, values: tuple[str, ...]) -> _MatchedAccount:
    """A bound subject comes in; one whose attribute changed only if the directory agrees."""
    account, said = binding.account, as_kept(values)
    if values and binding.matched not in (*values, said):
        if candidates(binding.door, values) != [account.person_id]:
            return _MatchedAccount(account=account, refusal=BindingRefusal.CHANGED)
        DoorBinding.objects.filter(pk=binding.pk).update(matched=said)
    if not account.is_active:
        return _MatchedAccount(account=account, refusal=BindingRefusal.CLOSED)
    return _MatchedAccount(account=account)


def _bind(door: Door, subject: str, values: tuple[str, ...], origin: Origin) -> _MatchedAccount:
    if not values:
        return _MatchedAccount(refusal=BindingRefusal.NO_ATTRIBUTE)
    people = candidates(door, values)
    if len(people) != 1:
        refusal = BindingRefusal.SEVERAL if people else BindingRefusal.NOBODY
        return _MatchedAccount(refusal=refusal)
    account = (
        Account.objects.select_related("person__main_school").filter(person__in=people).first()
    )
    if account is None:
        return _MatchedAccount(refusal=BindingRefusal.NOBODY)
    if DoorBinding.objects.filter(door=door, account=account).exists():
        return _MatchedAccount(account=account, refusal=BindingRefusal.SECOND_CLAIMANT)
    if not account.is_active:
        return _MatchedAccount(account=account, refusal=BindingRefusal.CLOSED)
    return _create(door, subject, as_kept(values), account, origin)


def _create(
    door: Door, subject: str, matched: str, account: Account, origin: Origin
) -> _MatchedAccount:
    try:
        with transaction.atomic():
            DoorBinding.objects.create(door=door, subject=subject, account=account, matched=matched)
            activate_academic(account, origin)
            journal.bound(account, door=door, origin=origin)
    except IntegrityError:  # another tab, or another claimant, was first
        binding = _binding_of(door, subject)
        if binding is None or binding.account_id != account.pk:
            return _MatchedAccount(account=account, refusal=BindingRefusal.SECOND_CLAIMANT)
    return _MatchedAccount(account=account)


def activate_academic(account: Account, origin: Origin) -> None:
    """An account that waited for a code needs none any more: its academy answers for it."""
    if account.state != AccountState.PENDING:
        return
    ActivationCode.objects.filter(account=account).delete()
    now = timezone.now()
    Account.objects.filter(pk=account.pk, state=AccountState.PENDING).update(
        state=AccountState.ACTIVE,
        kind=AccountKind.ACADEMIC,
        must_choose_password=False,
        activated_at=now,
    )
    account.refresh_from_db(fields=["state", "kind", "must_choose_password", "activated_at"])
    copy_access_state(account_id=account.pk)
    account_journal.account_activated(account, origin=origin)


@transaction.atomic
def _note_refusal(
    door: Door,
    subject: str,
    reason: BindingRefusal,
    said: str,
    account: Account | None,
    origin: Origin,
) -> RefusedBinding:
    """Keep one row per subject and reason, under a reference that says nothing of anybody."""
    now = timezone.now()
    refused, is_new = RefusedBinding.objects.get_or_create(
        door=door,
        subject=subject,
        reason=reason,
        defaults={
            "reference": "".join(random.choice(_REFERENCE_CHARACTERS) for _ in range(8)),
            "attribute": said,
            "first_at": now,
            "last_at": now,
        },
    )
    if not is_new:
        RefusedBinding.objects.filter(pk=refused.pk).update(
            count=F("count") + 1, last_at=now, attribute=said
        )
    journal.binding_refused(refused, account=account, origin=origin)
    return refused


def purge_refusals() -> int:
    """Forget what academies said of people who did not come back for three months."""
    return RefusedBinding.objects.filter(last_at__lt=timezone.now() - _KEEP_REFUSALS).delete()[0]
