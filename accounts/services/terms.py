"""Terms of use: which text holds for whom, and its acceptance."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts import journal
from accounts.models import Account, TermsAcceptance, TermsText
from ent.audit.origin import Origin


def terms_of(account: Account) -> TermsText | None:
    """Return the latest published text of the account's authority, else the general one."""
    return (
        TermsText.objects.filter(published_at__lte=timezone.now())
        .filter(Q(authority__isnull=True) | Q(authority__schools=account.person.main_school_id))
        .order_by(F("authority").desc(nulls_last=True), "-version")
        .first()
    )


def terms_to_accept(account: Account) -> TermsText | None:
    """Return the text that the account has not accepted yet, None when nothing waits."""
    text = terms_of(account)
    if text is None or account.accepted_terms.filter(text=text).exists():
        return None
    return text


@transaction.atomic
def accept_terms(*, account: Account, text: TermsText, origin: Origin) -> None:
    """Note that the account accepted the text; twice is once."""
    _, is_new = TermsAcceptance.objects.get_or_create(account=account, text=text)
    if is_new:
        journal.terms_accepted(account, text=text, origin=origin)
