"""The application's own roles of the database, for the tests that run as them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connection

from ent.database.roles import Roles


@pytest.fixture
def roles(transactional_db: None) -> Iterator[Roles]:
    """Roles of this process's database: roles are the server's, other tests have theirs."""
    made = Roles(web=f"web_{os.getpid()}", worker=f"worker_{os.getpid()}")
    call_command("create_database_roles", web=made.web, worker=made.worker)
    call_command("create_database_roles", web=made.web, worker=made.worker)  # again changes nothing
    try:
        yield made
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(f"REASSIGN OWNED BY {made.data} TO CURRENT_USER")
            for name in (made.web, made.worker, made.data):
                cursor.execute(f"DROP OWNED BY {name}")
                cursor.execute(f"DROP ROLE {name}")


@contextmanager
def connected_as(name: str) -> Iterator[None]:
    """Work as that role, on every connection that is opened meanwhile."""
    options = connection.settings_dict["OPTIONS"]
    connection.close()
    options["assume_role"] = name
    try:
        yield
    finally:
        connection.close()
        del options["assume_role"]
