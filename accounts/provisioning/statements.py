"""The SQL with which ``accounts`` joins an import (``sql/*.sql``)."""

from __future__ import annotations

from pathlib import Path

from accounts.account.access_state import SHOWN_STATE
from accounts.enums import AccountKind, AccountState
from directory.imports.sql.loader import SqlFolder

ACCOUNTS_SQL = SqlFolder(
    Path(__file__).parent / "sql",
    vocabularies=(AccountKind, AccountState),
    fragments={"shown_state": SHOWN_STATE},
)
