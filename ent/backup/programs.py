"""PostgreSQL's own programs, told where the database is without a password on the command line."""

from __future__ import annotations

import os
import shutil
import subprocess

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from ent.database.connections import connection_parameters

_OURS = {"prepare_threshold", "password"}


class ProgramError(Exception):
    """A program is missing or failed; the message is its own."""


def run_program(name: str, *arguments: str) -> None:
    """Run `pg_dump` or `pg_restore` on the database of the settings."""
    parameters = connection_parameters()
    where = {key: value for key, value in parameters.items() if key not in _OURS}
    environment = {**os.environ, "LC_ALL": "C"}
    if password := parameters.get("password"):
        environment["PGPASSWORD"] = str(password)
    done = subprocess.run(
        [_path_of(name), "--dbname", make_conninfo("", **where), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ProgramError(f"{name} : {done.stderr.strip()[-2000:]}")


def _path_of(name: str) -> str:
    if settings.DATABASES[connection.alias]["ENGINE"] == "ent.embedded":
        from ent.embedded.cluster import find_binaries

        return str(find_binaries() / name)
    path = shutil.which(name)
    if path is None:
        raise ProgramError(f"{name} n’est pas installé sur cette machine (postgresql-client).")
    return path
