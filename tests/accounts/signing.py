"""What tests of signing in share: people with codes, and how a form is posted as a browser does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.test import Client
from django.utils import timezone

from accounts.doors.base.standard import open_standard_doors
from accounts.enums import AccountState
from accounts.models import Account, ActivationCode, Door, SealingBatchRow, TermsText
from directory.models import Authority, School
from ent.sealing.boxes import SealingBatch
from signin import one_time_codes as codes
from tests import factories as make
from tests.kit import canaries

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

GOOD_PASSWORD = "quatre grenouilles vertes"


def give_code(account: Account, *, days: float = 90) -> str:
    """Give the account a fresh activation code and return it as it is printed."""
    code = codes.generate_code()
    account.code_generation += 1
    account.save(update_fields=["code_generation"])
    batch = SealingBatch.open_new()
    ActivationCode.objects.update_or_create(
        account=account,
        defaults={
            "generation": account.code_generation,
            "batch": SealingBatchRow.objects.create(header=batch.header),
            "box": batch.seal(
                code.encode(), account=account.uuid, generation=account.code_generation
            ),
            "verifier": codes.verifier(code, account.uuid, account.code_generation),
            "expires_at": timezone.now() + timedelta(days=days),
        },
    )
    canaries.watch(code, codes.display(code))
    return codes.display(code)


def make_pending(
    *, school: School | None = None, login: str = "lea.martin", **person: object
) -> tuple[Account, str]:
    """A pupil who was given a code and has never signed in."""
    school = school or make.make_school()
    fields = {"given_name": "Léa", "family_name": "Martin", **person}
    account = make.make_account(
        person=make.make_person(school=school, **fields),  # type: ignore[arg-type]
        state=AccountState.PENDING,
        login=login,
    )
    return account, give_code(account)


def local_door(authority: Authority | None = None) -> Door:
    """The local door of an authority, the general one without authority."""
    if authority is None:
        return Door.objects.get(code="autres-comptes")
    return open_standard_doors(authority=authority)[0]


def no_terms() -> None:
    """Take the general terms away, for tests that are about something else."""
    TermsText.objects.all().delete()


def sign_in(
    client: Client,
    login: str,
    secret: str,
    *,
    door: str = "autres-comptes",
    query: str = "",
    **headers: str,
) -> TestResponse:
    """Post the form of a local door."""
    return client.post(
        f"/connexion/{door}/{query}",
        {"username": login, "password": secret},
        **headers,  # type: ignore[arg-type]
    )
