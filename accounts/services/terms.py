"""Terms of use: which text holds for whom, and its acceptance."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from accounts import journal
from accounts.models import Account, TermsAcceptance, TermsText
from ent.audit.origin import Origin
from ent.prepared import fetch_one

#: The text that holds for an authority, and whether the account accepted it; part of the statement
#: of each sign-in.
CURRENT: Final = """
SELECT t.id, EXISTS (
    SELECT 1 FROM accounts_termsacceptance a
    WHERE a.text_id = t.id AND a.account_id = %(account)s::bigint)
FROM accounts_termstext t
WHERE t.published_at <= %(now)s::timestamptz
    AND (t.authority_id IS NULL OR t.authority_id = %(authority)s::bigint)
ORDER BY t.authority_id DESC NULLS LAST, t.version DESC LIMIT 1
"""


def pending_terms_id(account: Account) -> int | None:
    """Return the key of the text that the account has not accepted yet, None when nothing waits.

    The latest published text of the account's authority, else the general one.
    """
    row = fetch_one(CURRENT, parameters_of(account))
    return int(row[0]) if row is not None and not row[1] else None


def parameters_of(account: Account) -> dict[str, Any]:
    """Return the parameters of ``CURRENT``."""
    school = account.person.main_school
    return {
        "account": account.pk,
        "authority": school.authority_id if school is not None else None,
        "now": timezone.now(),
    }


def terms_to_accept(account: Account) -> TermsText | None:
    """Return the text that the account has not accepted yet, None when nothing waits."""
    text_id = pending_terms_id(account)
    return TermsText.objects.get(pk=text_id) if text_id is not None else None


@transaction.atomic
def accept_terms(*, account: Account, text: TermsText, origin: Origin) -> None:
    """Note that the account accepted the text; twice is once."""
    _, is_new = TermsAcceptance.objects.get_or_create(account=account, text=text)
    if is_new:
        journal.terms_accepted(account, text=text, origin=origin)
