"""The events of an account: by its owner, or by somebody in charge."""

from __future__ import annotations

from uuid import UUID

from django.db.models import TextChoices

from accounts.account.models import Account
from directory.models import School
from ent.audit.enums import Act
from ent.audit.origin import Origin
from ent.audit.services import record


def school_uai_of(account: Account | None) -> str:
    """Return the UAI of the account's main school: its managers read the event."""
    school: School | None = account.person.main_school if account is not None else None
    return school.uai if school is not None else ""


def record_of_oneself(
    act: TextChoices, account: Account, origin: Origin, details: dict[str, object] | None = None
) -> None:
    person = account.person.uuid
    record(
        act=act,
        actor=person,
        subject=person,
        school_uai=school_uai_of(account),
        origin=origin,
        details=details,
    )


def record_by(act: Act, account: Account, actor: UUID | None, origin: Origin | None) -> None:
    record(
        act=act,
        actor=actor,
        subject=account.person.uuid,
        school_uai=school_uai_of(account),
        origin=origin,
    )


def account_activated(account: Account, *, origin: Origin) -> None:
    """The activation code was exchanged for a password."""
    record_of_oneself(Act.ACCOUNT_ACTIVATED, account, origin)
