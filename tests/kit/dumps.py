"""A dump of the test's database, and the shapes in which a secret might lie in it."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess

from django.conf import settings
from django.db import connection


def forms_of(text: str) -> list[bytes]:
    """The ways a text may lie in a dump: raw, UTF-16, hexadecimal, base64 at any offset."""
    raw = text.encode("ascii")
    encoded = [base64.b64encode(b"\0" * shift + raw)[4 if shift else 0 : -4] for shift in range(3)]
    return [raw, text.encode("utf-16-le"), raw.hex().encode(), raw.hex().upper().encode(), *encoded]


def dump_database() -> bytes:
    """Dump this test's database as a backup does, with the program of the running server."""
    parameters = connection.get_connection_params()
    program = shutil.which("pg_dump")
    if settings.DATABASES["default"]["ENGINE"] == "ent.embedded":
        from ent.embedded.cluster import find_binaries

        program = str(find_binaries() / "pg_dump")
    from tests.conftest import require

    require(program is not None, "pg_dump")
    names = {"host": "--host", "port": "--port", "user": "--username", "dbname": "--dbname"}
    arguments = [
        f"{option}={parameters[name]}" for name, option in names.items() if parameters.get(name)
    ]
    environment = {**os.environ, "PGPASSWORD": str(parameters.get("password") or "")}
    done = subprocess.run(
        [str(program), *arguments], env=environment, capture_output=True, check=True, timeout=120
    )
    return done.stdout
