"""The floor of an import: two processes that parse the same files and COPY what they read.

Nothing is compared, no login is made, nothing is linked: no importer can do less.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from lxml import etree

_TABLE = """
CREATE UNLOGGED TABLE IF NOT EXISTS bench_floor (
    category text, external_id text, family_name text, given_name text, birth_date text,
    school text, email text, rest text[]
)
"""
_NAMED = ("sn", "givenName", "ENTPersonDateNaissance", "ENTPersonStructRattach", "mail")


def parse_and_copy_rate(files: list[Path], *, conninfo: str, persons: int) -> float:
    """Persons per second of two processes over *files*."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_floor")
        connection.execute(_TABLE)
    ordered = sorted(files, key=lambda path: path.stat().st_size, reverse=True)
    shares: list[list[Path]] = [[], []]
    for path in ordered:
        min(shares, key=lambda share: sum(p.stat().st_size for p in share)).append(path)
    began = time.perf_counter()
    readers = [
        subprocess.Popen([sys.executable, "-m", "bench.floors", conninfo, *map(str, share)])
        for share in shares
        if share
    ]
    if any(reader.wait() for reader in readers):
        raise RuntimeError("a reader of the floor failed")
    seconds = time.perf_counter() - began
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("DROP TABLE bench_floor")
    return persons / seconds


def _read(conninfo: str, paths: list[str]) -> None:
    with (
        psycopg.connect(conninfo) as connection,
        connection.cursor() as cursor,
        cursor.copy("COPY bench_floor FROM STDIN") as copy,
    ):
        for path in paths:
            for kind, external_id, found in read_objects(path):
                copy.write_row(_row(kind, external_id, found))


def read_objects(path: str | Path) -> Iterator[tuple[str, str, dict[str, list[str]]]]:
    """Each object of a file, as lxml gives it: (kind, identifier, values by attribute)."""
    for _, request in etree.iterparse(str(path), tag="addRequest", load_dtd=False):
        operational, identifier, attributes = request
        found = {
            attribute.get("name", ""): [value.text or "" for value in attribute]
            for attribute in attributes
        }
        yield operational[0][0].text or "", identifier[0].text or "", found
        request.clear(keep_tail=False)
        while request.getprevious() is not None:
            del request.getparent()[0]


def _row(kind: str, external_id: str, found: dict[str, list[str]]) -> list[object]:
    named = [(found.pop(name, None) or [""])[0] for name in _NAMED]
    rest = [value for values in found.values() for value in values]
    return [kind, external_id, *named, rest]


if __name__ == "__main__":
    _read(sys.argv[1], sys.argv[2:])
