"""Terms of use: which text holds for whom, and its acceptance."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.utils import timezone

from accounts.account.models import Account
from accounts.steps import journal
from accounts.steps.models import TermsAcceptance, TermsText
from ent.audit.origin import Origin
from ent.database.prepared import fetch_one, statement


def current_text(*, account: str, authority: str) -> str:
    """Return the query of the text that holds for an authority, and whether it was accepted.

    *account* and *authority* are expressions: columns of a larger statement, or parameters.
    """
    return f"""
SELECT published.id, EXISTS (
    SELECT FROM accounts_termsacceptance accepted
     WHERE accepted.text_id = published.id AND accepted.account_id = {account})
FROM accounts_termstext published
WHERE published.published_at <= %(now)s::timestamptz
    AND (published.authority_id IS NULL OR published.authority_id = {authority})
ORDER BY published.authority_id DESC NULLS LAST, published.version DESC LIMIT 1
"""  # noqa: S608 - our own expressions


_FIND: Final = statement(
    current_text(account="%(account)s::bigint", authority="%(authority)s::bigint")
)


def pending_terms_id(account: Account) -> int | None:
    """Return the key of the text that the account has not accepted yet, None when nothing waits.

    The latest published text of the account's authority, else the general one.
    """
    school = account.person.main_school
    parameters = {
        "account": account.pk,
        "authority": school.authority_id if school is not None else None,
        "now": timezone.now(),
    }
    row = fetch_one(_FIND, parameters)
    return int(row[0]) if row is not None and not row[1] else None


def terms_to_accept(account: Account) -> TermsText | None:
    """Return the text that the account has not accepted yet, None when nothing waits."""
    text_id = pending_terms_id(account)
    return TermsText.objects.get(pk=text_id) if text_id is not None else None


@transaction.atomic
def accept_terms(*, account: Account, text: TermsText, origin: Origin) -> None:
    """Note that the account accepted the text; accepting twice changes nothing."""
    _, is_new = TermsAcceptance.objects.get_or_create(account=account, text=text)
    if is_new:
        journal.terms_accepted(account, text=text, origin=origin)
