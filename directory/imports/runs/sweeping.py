"""What killed imports left behind: staging schemas and private folders, personal data in clear.

The next import of the authority would empty its schema; without one it would stay for ever.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from django.conf import settings

from directory.imports.runs.locks import ImportBusy, authority_lock
from directory.imports.staging import drop_schema, left_schemas

FOLDER_HOURS = 24
"""A private folder older than any import lasts."""


def sweep_left_overs() -> int:
    """Drop what belongs to no running import; return how many things went."""
    return _drop_schemas() + _remove_folders()


def _drop_schemas() -> int:
    dropped = 0
    for name, authority_id in left_schemas().items():
        try:
            with authority_lock(authority_id):
                drop_schema(name)
        except ImportBusy:
            continue
        dropped += 1
    return dropped


def _remove_folders() -> int:
    parent = Path(settings.VAR_DIR) / "imports"
    oldest = time.time() - FOLDER_HOURS * 3600
    removed = 0
    for pattern in ("livraison-*", "depot-*"):
        for folder in parent.glob(pattern):
            if folder.is_dir() and folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
    return removed
