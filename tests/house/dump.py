"""Dumps of a database of this product, with rows in every table, as plain SQL.

`python -m tests.house.dump` makes one of today's code; `test_upgrade` restores each that is kept
in `dumps/` and lets today's migrations run on it.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent / "dumps"
#: The dump of the first code whose databases are kept: never made anew once it has landed.
FIRST: Final = "2026-11-house"


def dump_names() -> list[str]:
    """Return the dumps that are kept, oldest first."""
    return sorted(path.name.removesuffix(".sql.gz") for path in FOLDER.glob("*.sql.gz"))


def restore(name: str) -> None:
    """Run the dump's statements in the current database, which must be empty."""
    from django.db import connection

    text = gzip.decompress((FOLDER / f"{name}.sql.gz").read_bytes()).decode()
    with connection.cursor() as cursor:
        cursor.execute(text)
    connection.close()  # the dump has set this connection's search path and more


def write_keys(folder: Path) -> None:
    """Write the keys under which every dump is made: known to all, they protect nothing."""
    from ent.sealing.keys import CREATED, create_missing_keys

    folder.mkdir(parents=True, exist_ok=True)
    for role in CREATED:
        secret = hashlib.sha256(f"dump {role.value}".encode()).digest()
        path = folder / f"{role.value}.key"
        path.write_text(f"{secret[:4].hex()} {base64.b64encode(secret).decode()}\n", "ascii")
        path.chmod(0o600)
    create_missing_keys(folder)  # the public halves


def make_dump(name: str) -> Path:
    """Migrate an empty database, fill it, write it down."""
    from django.conf import settings
    from django.core.management import call_command

    from tests.house.rows import fill_every_table
    from tests.kit.database import empty_database

    with tempfile.TemporaryDirectory() as keys, empty_database("dump"):
        settings.KEYS_DIR = Path(keys)
        write_keys(settings.KEYS_DIR)
        call_command("migrate", verbosity=0, interactive=False)
        fill_every_table()
        text = _dump()
    path = FOLDER / f"{name}.sql.gz"
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def _dump() -> str:
    """Return the current database as statements that any client can run."""
    from django.db import connection

    from ent.embedded.cluster import find_binaries

    parameters = connection.get_connection_params()
    done = subprocess.run(
        [
            str(find_binaries() / "pg_dump"),
            *("--no-owner", "--no-privileges", "--column-inserts", "--rows-per-insert=100"),
            *("--restrict-key=preau", "--host", parameters["host"], "--dbname"),
            *(parameters["dbname"], "--username", parameters["user"]),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    of_psql = ("\\restrict preau", "\\unrestrict preau")
    return "\n".join(line for line in done.stdout.split("\n") if line not in of_psql)


def main() -> int:
    """Write the dump that the command line names, or the first one."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "ent.settings.test"
    import django

    django.setup()
    path = make_dump(sys.argv[1] if len(sys.argv) > 1 else FIRST)
    sys.stdout.write(f"{path.name}: {path.stat().st_size // 1000} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
