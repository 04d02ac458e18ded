"""The notification address: asked for, confirmed by a mail to it, told to the one before (T-C8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from directory.schools.web import signature_of
from ent.audit.origin import Origin
from ent.jobs.services import enqueue
from ent.mail.messages import Mail, deliver, portal_address
from messaging.addresses.known import addresses_of, same_address
from messaging.addresses.models import (
    CONFIRMATION_VALIDITY,
    AddressConfirmation,
    NotificationAddress,
)
from messaging.journal import AddressAct, address_act
from messaging.notices.sending import notify_owner
from signin.mailed_links import hash_token, new_token

SEND_CONFIRMATION: Final = "messaging.confirm_address"
TELL_FORMER: Final = "messaging.tell_former_address"
#: Mails to addresses that somebody typed, within an hour: nobody floods a stranger's mailbox.
MOST_MAILS: Final = 3
_WINDOW = timedelta(hours=1)
_KEPT_AFTER_EXPIRY = timedelta(days=30)
_LATE_AFTER = timedelta(minutes=5)
_BATCH = 200
_CHANGED = (
    "L’adresse de notification de votre compte ENT vient de changer\u00a0: les courriels de l’ENT "
    "partent à la nouvelle adresse. Dans 24\u00a0heures, elle servira aussi à retrouver l’accès au "
    "compte."
)
_REMOVED = (
    "L’adresse de notification de votre compte ENT vient d’être retirée\u00a0: les courriels de "
    "l’ENT partent à l’adresse que connaît l’établissement, s’il en connaît une."
)
_NOT_YOU = "Si ce n’était pas vous, changez votre mot de passe et prévenez votre établissement."


class TooManyMailsError(Exception):
    """Three confirmation mails were asked for within the hour."""


class ConfirmationRefusedError(Exception):
    """The link confirms nothing (any more): used, replaced, too old, or the account changed."""


@transaction.atomic
def ask_change(*, account: Account, email: str, origin: Origin) -> AddressConfirmation:
    """Have a mail sent to the new address; nothing changes before its link is followed.

    The caller has just checked the password. A newer request kills the one before.
    """
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    now = timezone.now()
    own = AddressConfirmation.objects.filter(person=account.person_id)
    if own.filter(asked_at__gt=now - _WINDOW).count() >= MOST_MAILS:
        raise TooManyMailsError
    own.filter(used_at__isnull=True, killed_at__isnull=True).update(killed_at=now)
    confirmation = AddressConfirmation.objects.create(
        person=account.person,
        email=email,
        epoch=account.epoch,
        asked_at=now,
        expires_at=now + CONFIRMATION_VALIDITY,
    )
    enqueue(kind=SEND_CONFIRMATION, params={"confirmation": confirmation.uuid})
    address_act(AddressAct.ASKED, account, origin)
    return confirmation


def waiting_confirmation(*, person_id: int) -> AddressConfirmation | None:
    """Return the request whose link may still be followed, for the owner's page."""
    return AddressConfirmation.objects.filter(
        person=person_id,
        used_at__isnull=True,
        killed_at__isnull=True,
        expires_at__gt=timezone.now(),
    ).first()


def send_confirmation(*, confirmation_uuid: UUID) -> None:
    """Draw the token and mail the link (worker); run again, it draws another one."""
    confirmation = (
        AddressConfirmation.objects.filter(
            uuid=confirmation_uuid, used_at__isnull=True, killed_at__isnull=True
        )
        .select_related("person__main_school")
        .first()
    )
    if confirmation is None:
        return
    token = new_token()
    confirmation.token_hash = hash_token(token)
    confirmation.save(update_fields=["token_hash"])
    # In doubt or refused for good, nobody asks again: a third link would kill the second.
    if not deliver(_confirmation_mail(confirmation, token)).is_over:
        confirmation.token_hash = None
        confirmation.save(update_fields=["token_hash"])


def _confirmation_mail(confirmation: AddressConfirmation, token: str) -> Mail:
    signature, home = signature_of(confirmation.person.main_school)
    return Mail(
        to=confirmation.email,
        subject="Confirmez votre adresse pour l’ENT",
        paragraphs=(
            "Bonjour,",
            "Cette adresse a été donnée pour recevoir les courriels d’un compte de l’ENT.",
        ),
        link_words="Confirmer cette adresse",
        link_href=portal_address(reverse("messaging:address-link", args=[token])),
        after=(
            "Ce lien est valable 24\u00a0heures et ne sert qu’une fois.",
            "Vous n’avez rien demandé\u00a0? Ne faites rien, rien ne partira à cette adresse.",
        ),
        signature=signature,
        home=home,
    )


def send_late() -> int:
    """Ask again for the mails that no server took, for an hour; return how many."""
    now = timezone.now()
    late = {"gt": now - _WINDOW, "lt": now - _LATE_AFTER}
    unsent = AddressConfirmation.objects.filter(
        token_hash__isnull=True,
        used_at__isnull=True,
        killed_at__isnull=True,
        **{f"asked_at__{bound}": moment for bound, moment in late.items()},
    )
    untold = NotificationAddress.objects.exclude(replaced_email="").filter(
        **{f"confirmed_at__{bound}": moment for bound, moment in late.items()}
    )
    confirmations = list(unsent.values_list("uuid", flat=True)[:_BATCH])
    persons = list(untold.values_list("person__uuid", flat=True)[:_BATCH])
    for confirmation in confirmations:
        enqueue(kind=SEND_CONFIRMATION, params={"confirmation": confirmation})
    for person in persons:
        enqueue(kind=TELL_FORMER, params={"person": person})
    return len(confirmations) + len(persons)


def delete_old_confirmations() -> None:
    """Delete the requests that expired thirty days ago."""
    kept_until = timezone.now() - _KEPT_AFTER_EXPIRY
    AddressConfirmation.objects.filter(expires_at__lte=kept_until).delete()


def find_confirmation(*, token_hash: bytes) -> AddressConfirmation:
    """Return the request that this link would confirm, or raise `ConfirmationRefusedError`."""
    found = (
        AddressConfirmation.objects.select_related("person__account", "person__main_school")
        .filter(
            token_hash=token_hash,
            used_at__isnull=True,
            killed_at__isnull=True,
            expires_at__gt=timezone.now(),
        )
        .first()
    )
    account: Account | None = getattr(found.person, "account", None) if found else None
    if found is None or account is None:
        raise ConfirmationRefusedError
    if account.epoch != found.epoch or not account.is_active:
        raise ConfirmationRefusedError
    return found


@transaction.atomic
def confirm_change(*, token_hash: bytes, origin: Origin) -> str:
    """Put the confirmed address in place and return it; the one before is told.

    What served for recovery goes on serving for 24 hours (`Addresses.recovery`).
    """
    found = find_confirmation(token_hash=token_hash)
    alive = AddressConfirmation.objects.filter(
        pk=found.pk, used_at__isnull=True, killed_at__isnull=True
    )
    if not alive.update(used_at=timezone.now()):
        raise ConfirmationRefusedError
    account: Account = found.person.account
    _put_in_place(account, found.email)
    notify_owner(
        person=account.person,
        subject="Votre adresse de notification a changé",
        body=f"{_CHANGED}\n\n{_NOT_YOU}",
    )
    address_act(AddressAct.CHANGED, account, origin)
    return found.email


@transaction.atomic
def remove_address(*, account: Account, origin: Origin) -> None:
    """Take one's own address back: the feed's serves again, after the same delay for recovery."""
    known = addresses_of([account.person_id])[account.person_id]
    if not known.chosen:
        return
    _put_in_place(account, "")
    notify_owner(
        person=account.person,
        subject="Votre adresse de notification est retirée",
        body=f"{_REMOVED}\n\n{_NOT_YOU}",
    )
    address_act(AddressAct.REMOVED, account, origin)


def _put_in_place(account: Account, email: str) -> None:
    known = addresses_of([account.person_id])[account.person_id]
    NotificationAddress.objects.update_or_create(
        person=account.person,
        defaults={
            "email": email,
            "confirmed_at": timezone.now(),
            "previous_email": known.recovery,
            "replaced_email": known.contact,
        },
    )
    if known.contact and same_address(known.contact) != same_address(email):
        enqueue(kind=TELL_FORMER, params={"person": account.person.uuid})


def tell_former(*, person_uuid: UUID) -> None:
    """Mail the address that was replaced (worker), once."""
    row = (
        NotificationAddress.objects.select_related("person__main_school")
        .filter(person__uuid=person_uuid)
        .exclude(replaced_email="")
        .first()
    )
    if row is None:
        return
    signature, home = signature_of(row.person.main_school)
    mail = Mail(
        to=row.replaced_email,
        subject="Votre adresse de notification a changé",
        paragraphs=("Bonjour,", _CHANGED if row.email else _REMOVED, _NOT_YOU),
        signature=signature,
        home=home,
    )
    if not deliver(mail).is_over:
        return
    NotificationAddress.objects.filter(pk=row.pk, confirmed_at=row.confirmed_at).update(
        replaced_email=""
    )
