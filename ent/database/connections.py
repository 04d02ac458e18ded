"""Connections beside Django's own: of another process, of a thread, of a lock."""

from __future__ import annotations

from typing import Any

from django.db import connection


def connection_parameters() -> dict[str, Any]:
    """What psycopg needs to open one more connection to the same database."""
    parameters = connection.get_connection_params()
    return {
        key: value
        for key, value in parameters.items()
        if isinstance(value, str | int) and key != "client_encoding"
    }
