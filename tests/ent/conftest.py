"""Fixtures of the kernel's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from ent.sealing.keys import create_missing_keys, forget_loaded_keys


@pytest.fixture
def keys_folder(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """Fresh keys in a folder of the test's own, which it may rotate or spoil."""
    folder = tmp_path / "keys"
    settings.KEYS_DIR = folder
    create_missing_keys(folder)
    yield folder
    forget_loaded_keys()
