"""COPY of lines of text into a table. Imported by processes that start without Django."""

from __future__ import annotations

from typing import Any


def copy_lines(connection: Any, table: str, lines: list[str], columns: str = "") -> None:
    """COPY lines of tab-separated text, escaped as PostgreSQL's text format asks."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} {columns} FROM STDIN") as copy,
    ):
        copy.write(("\n".join(lines) + "\n").encode())
