"""Codes sealed beside the comparison: each opens for its account, and a failure is the run's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.enums import AccountKind
from accounts.models import Account, ActivationCode, SealingBatchRow
from accounts.provisioning import contributor, sealing
from directory.enums import DeliveryState
from directory.imports import staging
from directory.imports.runs.sequence import run_import
from directory.models.deliveries import Delivery
from ent.sealing.boxes import BoxOpener
from signin.one_time_codes import matches
from tests.directory.imports.deliveries import small_school
from tests.factories import make_authority

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def beside_from_the_first_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contributor, "BACKGROUND_FROM", 1)
    monkeypatch.setattr(staging, "SMALL_BYTES", 0)


def test_each_local_account_has_a_code_that_opens_for_it_alone(tmp_path: Path) -> None:
    folder = small_school(pupils=12).write(tmp_path / "delivery")
    run_import(paths=[folder], authority=make_authority(code="NANCY-METZ"))
    openers = {row.pk: BoxOpener(row.header) for row in SealingBatchRow.objects.all()}
    codes = ActivationCode.objects.select_related("account")
    local = Account.objects.filter(kind=AccountKind.LOCAL)
    assert {code.account_id for code in codes} == set(local.values_list("pk", flat=True))
    seen = set()
    for code in codes:
        opened = openers[code.batch_id].open(
            code.box, account=code.account.uuid, generation=code.generation
        )
        assert matches(code.verifier, opened.decode(), code.account.uuid, code.generation)
        seen.add(opened)
    assert len(seen) == len(codes) > 12


def test_a_failure_beside_ends_the_run_and_nothing_is_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no key")

    monkeypatch.setattr(sealing, "seal", fail)
    academy = make_authority(code="NANCY-METZ")
    folder = small_school().write(tmp_path / "delivery")
    with pytest.raises(RuntimeError, match="no key"):
        run_import(paths=[folder], authority=academy)
    assert not Account.objects.exists()
    assert Delivery.objects.get().state == DeliveryState.ABANDONED
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname ~ '^staging_'")
        assert cursor.fetchone()[0] == 0
