"""`make demo` on an older folder says what to do, before anything is changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

pytestmark = pytest.mark.django_db


def test_a_database_of_this_version_passes() -> None:
    """The one of the tests was made by the migrations that exist."""
    call_command("check_database")


def test_a_database_of_another_version_is_named_with_the_way_out(settings: Any) -> None:
    """Its people are invented: the folder may go."""
    MigrationRecorder(connection).record_applied("credentials", "0004_mailings")
    with pytest.raises(CommandError, match="autre version") as refusal:
        call_command("check_database")
    assert f"rm -rf {settings.VAR_DIR}" in str(refusal.value)


def test_a_database_of_an_operator_is_not_to_be_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever gave DATABASE_URL gives an empty one."""
    monkeypatch.setitem(connection.settings_dict, "ENGINE", "ent.postgresql")
    MigrationRecorder(connection).record_applied("credentials", "0004_mailings")
    with pytest.raises(CommandError, match="DATABASE_URL") as refusal:
        call_command("check_database")
    assert "rm -rf" not in str(refusal.value)
