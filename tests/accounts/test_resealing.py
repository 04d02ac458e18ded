"""After a rotation of keys, `reseal` brings the activation codes under the new ones."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.activation import resealing
from accounts.activation.resealing import reseal_activation_codes
from accounts.enums import AccountState
from accounts.models import Account, ActivationCode, SealingBatchRow
from credentials.codes.issuing import issue_codes
from ent.sealing.boxes import SealingBatch, is_current, open_box
from ent.sealing.keys import (
    KeyRole,
    UnknownKeyError,
    create_missing_keys,
    forget_loaded_keys,
    retire_former_keys,
    rotate_key,
)
from signin import one_time_codes as codes
from tests import factories as make

pytestmark = pytest.mark.django_db
ROLES = (KeyRole.ACTIVATION_SEAL_PRIVATE, KeyRole.CODE_VERIFIER)


@pytest.fixture
def keys_folder(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """Fresh keys in a folder of the test's own, which it may rotate or spoil."""
    folder = tmp_path / "keys"
    settings.KEYS_DIR = folder
    create_missing_keys(folder)
    yield folder
    forget_loaded_keys()


def issue(count: int) -> list[Account]:
    """Pending accounts with fresh codes, all of one batch."""
    school = make.make_school()
    accounts = [
        make.make_account(person=make.make_person(school=school), state=AccountState.PENDING)
        for _ in range(count)
    ]
    issue_codes(account_ids=[account.pk for account in accounts], now=timezone.now())
    return accounts


def read(account: Account) -> str:
    """Open the account's code as the worker does, and check that the web recognises it."""
    row = ActivationCode.objects.select_related("batch").get(account=account)
    code = open_box(
        row.batch.header, row.box, account=account.uuid, generation=row.generation
    ).decode()
    assert codes.matches(row.verifier, code, account.uuid, row.generation)
    return code


def reseal() -> str:
    """Run the operator's command; return what it says of the codes."""
    said = io.StringIO()
    call_command("reseal", stdout=said)
    (line,) = [line for line in said.getvalue().splitlines() if "codes" in line]
    return line


def test_codes_outlive_the_keys_that_sealed_them(keys_folder: Path) -> None:
    accounts = issue(3)
    before = {account.pk: read(account) for account in accounts}
    dates = set(ActivationCode.objects.values_list("account_id", "created_at", "expires_at"))
    for role in ROLES:
        rotate_key(keys_folder, role)

    assert reseal() == "codes d’activation : 3 rescellé(s)"
    for role in ROLES:
        retire_former_keys(keys_folder, role)

    assert {account.pk: read(account) for account in accounts} == before
    assert (
        set(ActivationCode.objects.values_list("account_id", "created_at", "expires_at")) == dates
    )
    assert all(
        is_current(header) for header in SealingBatchRow.objects.values_list("header", flat=True)
    )


def test_without_sealing_again_a_retired_key_loses_the_codes(keys_folder: Path) -> None:
    """What the command is for: the test above could not pass without it."""
    (account,) = issue(1)
    rotate_key(keys_folder, KeyRole.ACTIVATION_SEAL_PRIVATE)
    retire_former_keys(keys_folder, KeyRole.ACTIVATION_SEAL_PRIVATE)

    with pytest.raises(UnknownKeyError):
        read(account)


@pytest.mark.parametrize("role", ROLES)
def test_either_key_can_be_rotated_alone(keys_folder: Path, role: KeyRole) -> None:
    accounts = issue(2)
    before = [read(account) for account in accounts]
    rotate_key(keys_folder, role)
    assert reseal_activation_codes() == 2
    retire_former_keys(keys_folder, role)
    assert [read(account) for account in accounts] == before


def test_a_second_run_finds_nothing_to_do(keys_folder: Path) -> None:
    issue(2)
    assert reseal_activation_codes() == 0
    rotate_key(keys_folder, KeyRole.ACTIVATION_SEAL_PRIVATE)
    assert reseal_activation_codes() == 2
    boxes = set(ActivationCode.objects.values_list("box", flat=True))
    assert reseal_activation_codes() == 0
    assert set(ActivationCode.objects.values_list("box", flat=True)) == boxes


def test_an_interrupted_run_is_taken_up_where_it_stopped(
    keys_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = issue(5)
    before = [read(account) for account in accounts]
    rotate_key(keys_folder, KeyRole.ACTIVATION_SEAL_PRIVATE)
    monkeypatch.setattr(resealing, "LOCK_CHUNK", resealing.LOCK_CHUNK.replace("5000", "2"))
    calls = iter((SealingBatch.open_new, SealingBatch.open_new))

    def stop_at_the_third(*arguments: Any) -> SealingBatch:
        make_batch = next(calls, None)
        if make_batch is None:
            raise KeyboardInterrupt
        return make_batch()

    with monkeypatch.context() as patch:
        patch.setattr(SealingBatch, "open_new", stop_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            reseal_activation_codes()

    assert reseal_activation_codes() == 1
    retire_former_keys(keys_folder, KeyRole.ACTIVATION_SEAL_PRIVATE)
    assert [read(account) for account in accounts] == before


def test_a_code_that_does_not_open_is_left_and_the_others_go_on(keys_folder: Path) -> None:
    """T-F1b: an altered box is nobody else's loss."""
    spoilt, sound = issue(2)
    code = read(sound)
    ActivationCode.objects.filter(account=spoilt).update(box=bytes(32))
    rotate_key(keys_folder, KeyRole.ACTIVATION_SEAL_PRIVATE)

    assert reseal_activation_codes() == 1
    assert read(sound) == code
    assert bytes(ActivationCode.objects.get(account=spoilt).box) == bytes(32)
