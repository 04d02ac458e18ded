"""What the web server loads before it forks."""

import json
import os
import subprocess
import sys

from django.conf import settings

_LOAD = """
import gc, json, sys
from ent.wsgi import application
from django.db import connection
print(json.dumps([
    gc.get_freeze_count(), "portal.public.views" in sys.modules, connection.connection is None
]))
"""


def test_the_pages_are_loaded_and_set_aside_before_the_first_request() -> None:
    """And no connection is open that two processes would share."""
    done = subprocess.run(
        [sys.executable, "-c", _LOAD],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "ent.settings.test"},
        capture_output=True,
        text=True,
        check=True,
    )
    frozen, has_pages, is_unconnected = json.loads(done.stdout.splitlines()[-1])
    assert frozen > 100_000
    assert has_pages
    assert is_unconnected
