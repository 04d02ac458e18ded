"""A guichet in this process: its realm, its addresses, its keys; the clock where a test puts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from ent.sealing.keys import forget_loaded_keys
from ent.settings.guichet import guichet_settings
from guichet.authority.models import Guichet
from guichet.keys.seeds import seed_of_nobody
from tests.guichet import kit
from tests.guichet.live import LiveGuichet, running_guichet
from tests.kit.server import fail_on_leaks

_READ = ("INSTALLED_APPS", "MIDDLEWARE", "ALLOWED_HOSTS", "VAR_DIR", "SESSION_COOKIE_SECURE")
_OF_ANOTHER_PROCESS = ("INSTALLED_APPS", "AUTH_USER_MODEL")


@pytest.fixture(autouse=True)
def in_the_guichet(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """This process serves the guichet's realm, as `ent.processes guichet` does."""
    present = {name: getattr(django_settings, name) for name in _READ}
    for name, value in guichet_settings(present).items():
        if name not in _OF_ANOTHER_PROCESS:
            setattr(settings, name, value)
    settings.GUICHET_AUTHORITY = kit.AUTHORITY
    settings.KEYS_DIR = Path(settings.VAR_DIR) / "guichet" / "keys"
    forget_loaded_keys()
    seed_of_nobody.cache_clear()
    yield
    forget_loaded_keys()


@pytest.fixture(scope="session")
def _live_guichet(django_db_setup: None) -> Iterator[LiveGuichet]:
    with running_guichet() as live:
        yield live


@pytest.fixture
def site(transactional_db: None, _live_guichet: LiveGuichet) -> Iterator[LiveGuichet]:
    """The guichet of Nancy-Metz in its own processes; its log must hold none of the canaries."""
    kit.make_guichet()
    already_read = len(_live_guichet.server.read_log())
    yield _live_guichet
    fail_on_leaks(_live_guichet.server, already_read)


@pytest.fixture
def guichet(db: None) -> Guichet:
    """The guichet of Nancy-Metz, with the choice of two ways."""
    return kit.make_guichet()
