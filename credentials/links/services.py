"""Mailed links that set a password: issuing, looking at, redeeming.

    token = issue_link(account=account, purpose=LinkPurpose.RESET)          # one account
    tokens = issue_links(account_ids=batch, purpose=LinkPurpose.FIRST_PASSWORD)  # pk → token
    href = link_address(tokens[account.pk])  # for the mail's text

A token exists in the memory of the worker that writes the mail and in the mail itself: nowhere
else, so whoever must send a mail again issues a link again, and the former one is dead. Issuing and
the row that says "this mail is being sent" belong in one transaction.

A link dies when it was used, when a newer one of the same purpose was issued, at its hour, and with
what it was issued for: a new password, an activation by paper, a block (the account's epoch), an
address that changed (`messaging.addresses.known.address_stamps`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.enums import AccountKind, AccountState
from accounts.local.passwords import AlreadyChosenError
from accounts.local.replacing import replace_password
from accounts.models import Account
from credentials.enums import LinkPurpose, LinkState
from credentials.links.models import PasswordLink
from ent.audit.origin import Origin
from ent.mail.messages import portal_address
from messaging.addresses.known import address_stamps, addresses_of
from messaging.notices.sending import notify_owner
from signin.mailed_links import hash_token, new_token
from signin.passwords.hashing import hash_password

VALIDITY: Final = {
    LinkPurpose.RESET: timedelta(hours=1),
    LinkPurpose.FIRST_PASSWORD: timedelta(days=60),
}
_BATCH = 2_000
#: A form that is sent within that time of the first that passed is the same one, sent twice.
_SAME_CLICK: Final = timedelta(minutes=1)
_HERE: Final = "-ici-"
_ISSUE: Final = """
    INSERT INTO credentials_passwordlink
           (uuid, account_id, purpose, token_hash, addresses_hash, secret_hash, epoch, created_at,
            expires_at)
    SELECT gen_random_uuid(), link.account, %(purpose)s, link.token, link.addresses, link.secret,
           link.epoch, %(now)s, %(ends)s
      FROM unnest(%(accounts)s::bigint[], %(tokens)s::bytea[], %(addresses)s::bytea[],
                  %(secrets)s::bytea[], %(epochs)s::integer[])
           AS link(account, token, addresses, secret, epoch)
"""


class LinkRefusedError(Exception):
    """The link opens nothing (any more); ``state`` says why, for the page's next step."""

    def __init__(self, state: LinkState, *, used_at: datetime | None = None) -> None:
        super().__init__(state.value)
        self.state = state
        self.was_just_used = used_at is not None and used_at > timezone.now() - _SAME_CLICK


@transaction.atomic
def issue_links(*, account_ids: Collection[int], purpose: LinkPurpose) -> dict[int, str]:
    """Give each of these accounts a new link; return the tokens by account: four statements.

    The former link of the same purpose dies. Whether these people may have one is the caller's
    affair; `may_have_link` says for whom one would open nothing.
    """
    # One order for everybody who issues: two campaigns wait for each other and do not deadlock.
    accounts = list(
        Account.objects.select_for_update(no_key=True)
        .filter(pk__in=account_ids)
        .order_by("pk")
        .values_list("pk", "person_id", "epoch", "password")
    )
    if not accounts:
        return {}
    now = timezone.now()
    PasswordLink.objects.alive().filter(account__in=account_ids, purpose=purpose).update(
        killed_at=now
    )
    stamps = address_stamps(person for _, person, _, _ in accounts)
    tokens = {pk: new_token() for pk, _, _, _ in accounts}
    hashes = [hash_token(token) for token in tokens.values()]
    parameters: dict[str, Any] = {
        "accounts": list(tokens),
        "purpose": purpose.value,
        "tokens": hashes,
        "addresses": [
            _stamp_hash(token_hash, stamps[person])
            for token_hash, (_, person, _, _) in zip(hashes, accounts, strict=True)
        ],
        "secrets": [
            _stamp_hash(token_hash, password)
            for token_hash, (_, _, _, password) in zip(hashes, accounts, strict=True)
        ],
        "epochs": [epoch for _, _, epoch, _ in accounts],
        "now": now,
        "ends": now + VALIDITY[purpose],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ISSUE, parameters)
    return tokens


def issue_link(*, account: Account, purpose: LinkPurpose) -> str:
    """Give one account a new link and return its token."""
    return issue_links(account_ids=[account.pk], purpose=purpose)[account.pk]


def link_address(token: str) -> str:
    """Return the full address that goes into the mail, on the configured host (T-B9)."""
    return portal_address(_link_path().replace(_HERE, token))


@lru_cache
def _link_path() -> str:
    """Return the path with a mark for its token, found once for a whole mailing."""
    return reverse("credentials:password-link", args=[_HERE])


def may_have_link(account: Account) -> bool:
    """May this account's password be set by a link? Academic, blocked and departed may not."""
    return account.kind == AccountKind.LOCAL and account.is_active


def find_link(*, token_hash: bytes) -> PasswordLink:
    """Return the link when it would still open, or raise `LinkRefusedError`; nothing is used up."""
    link = (
        PasswordLink.objects.select_related("account__person__main_school")
        .filter(token_hash=token_hash)
        .first()
    )
    if link is None:
        raise LinkRefusedError(LinkState.UNKNOWN)
    _check(link)
    return link


@sensitive_variables("password", "hashed")
def redeem_link(*, token_hash: bytes, password: str, origin: Origin) -> Account:
    """Set the account's password and use the link up, whole or not at all.

    Of simultaneous posts exactly one passes (T-C3): the account is locked, the others find it used.
    Every session of the account ends, its other links die, its owner is told. Raises
    `LinkRefusedError`. Costs one hash: within a `sign_in_place`.
    """
    hashed = hash_password(password)
    with transaction.atomic():
        # The account first, as when a link is issued: nobody waits for somebody who waits for them.
        account = (
            Account.objects.select_for_update(of=("self",), no_key=True)
            .select_related("person__main_school")
            .filter(password_links__token_hash=token_hash)
            .first()
        )
        if account is None:
            raise LinkRefusedError(LinkState.UNKNOWN)
        link = PasswordLink.objects.get(token_hash=token_hash)
        link.account = account
        _check(link)
        now = timezone.now()
        try:
            replace_password(
                account=account, epoch=link.epoch, hashed=hashed, mode="lien", origin=origin
            )
        except AlreadyChosenError:
            raise LinkRefusedError(LinkState.DEAD) from None
        PasswordLink.objects.filter(pk=link.pk).update(used_at=now)
        PasswordLink.objects.alive().filter(account=account).update(killed_at=now)
        notify_owner(
            person=account.person,
            subject="Votre mot de passe a été choisi par un lien reçu par courriel",
            body=_NOTICE,
        )
    return account


_NOTICE = (
    "Le mot de passe de votre compte ENT vient d’être choisi avec un lien reçu par courriel. "
    "Vos sessions ouvertes ailleurs sont fermées.\n\n"
    "Si ce n’était pas vous, prévenez tout de suite votre établissement."
)


def _check(link: PasswordLink) -> None:
    """Raise `LinkRefusedError`, with the reason that helps most, unless the link still opens."""
    account = link.account
    is_same = _has_same_addresses(link)
    has_changed = account.epoch != link.epoch
    if link.used_at is not None:
        raise LinkRefusedError(LinkState.USED, used_at=link.used_at)
    if not may_have_link(account):
        raise LinkRefusedError(LinkState.CLOSED)
    if has_changed and _has_been_chosen(link):
        raise LinkRefusedError(LinkState.CHOSEN)
    if link.killed_at is not None:
        raise LinkRefusedError(LinkState.REPLACED)
    if link.expires_at <= timezone.now():
        raise LinkRefusedError(LinkState.EXPIRED)
    if has_changed or not is_same:
        raise LinkRefusedError(LinkState.DEAD if has_changed else LinkState.MOVED)


def _has_been_chosen(link: PasswordLink) -> bool:
    """Was a password chosen since this link was made: by another link, a code, or its owner?"""
    account = link.account
    if account.state != AccountState.ACTIVE or link.secret_hash is None:
        return False
    return bytes(link.secret_hash) != _stamp_hash(bytes(link.token_hash), account.password)


def _has_same_addresses(link: PasswordLink) -> bool:
    """Are the person's addresses those of the day on which the link was sent?"""
    person_id = link.account.person_id
    known = addresses_of([person_id])[person_id]
    token_hash, kept = bytes(link.token_hash), bytes(link.addresses_hash)
    stamps = (known.stamp, known.former_stamp)
    return any(kept == _stamp_hash(token_hash, stamp) for stamp in stamps)


def _stamp_hash(token_hash: bytes, stamp: str) -> bytes:
    """Return what tells, later, whether a person's addresses, or a secret, are still the same."""
    return hashlib.sha256(token_hash + stamp.encode()).digest()


def delete_old_links() -> int:
    """Delete a batch of links that ended a day ago; return how many, 0 when nothing is left."""
    ended = PasswordLink.objects.ended_before(timezone.now() - timedelta(days=1)).order_by("pk")
    ids = list(ended.values_list("pk", flat=True)[:_BATCH])
    PasswordLink.objects.filter(pk__in=ids).delete()
    return len(ids)
