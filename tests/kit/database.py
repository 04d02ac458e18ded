"""One template database, migrated once, cloned for each test process and after each test that
commits.

The template's name is a hash of the migrations, so it is made again only when they change. A clone
takes a tenth of a second, where migrations take ten seconds and a flush runs into the triggers that
keep the journal from being emptied.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import TransactionTestCase
from psycopg import sql
from pytest_django import DjangoDbBlocker

_TEMPLATE_PREFIX = "preau_template_"
_CLONE_PREFIX = "preau_test_"
_KEPT_TEMPLATES = 3


def _migrations_digest() -> str:
    """Hash every migration file of the installed rooms, with Django's version."""
    digest = hashlib.sha256(django.get_version().encode())
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        folder = Path(config.path) / "migrations"
        for file in sorted(folder.glob("*.py")):
            digest.update(f"{config.label}/{file.name}".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _maintenance() -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """Open an autocommit connection on the server's own database."""
    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    for unwanted in ("cursor_factory", "context", "prepare_threshold", "server_side_binding"):
        parameters.pop(unwanted, None)
    with psycopg.connect(**parameters, autocommit=True) as opened:
        yield opened


def _use_database(name: str) -> None:
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


def _drop(server: "psycopg.Connection[Any]", name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _names(server: "psycopg.Connection[Any]", prefix: str) -> list[str]:
    rows = server.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid", [prefix]
    )
    return [name for (name,) in rows]


def ensure_template() -> str:
    """Return the template's name, made by the first process that asks."""
    if given := os.environ.get("PREAU_TEST_TEMPLATE"):
        return given  # the process that started this one made it
    lock = settings.VAR_DIR / "template.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        name = _TEMPLATE_PREFIX + _migrations_digest()
        with _maintenance() as server:
            if name in _names(server, _TEMPLATE_PREFIX):
                return name
            building = f"preau_building_{os.getpid()}"
            _drop(server, building)
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
            _use_database(building)
            call_command("migrate", verbosity=0, interactive=False)
            _use_database("postgres")
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(building), sql.Identifier(name)
                )
            )
            for old in _names(server, _TEMPLATE_PREFIX)[:-_KEPT_TEMPLATES]:
                _drop(server, old)
        return name


def _drop_clones_of_dead_processes(server: "psycopg.Connection[Any]") -> None:
    for name in _names(server, _CLONE_PREFIX):
        pid = name.removeprefix(_CLONE_PREFIX).split("_")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists() and Path("/proc").exists():
            _drop(server, name)


def clone(template: str, name: str) -> None:
    """Make the database `name` anew, equal to the template."""
    with _maintenance() as server:
        _drop(server, name)
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


@contextmanager
def empty_database(suffix: str) -> Iterator[None]:
    """Work on a new database without any table, and go back to the former one at the end."""
    former, name = connection.settings_dict["NAME"], f"{_CLONE_PREFIX}{os.getpid()}_{suffix}"
    with _maintenance() as server:
        _drop(server, name)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    _use_database(name)
    try:
        yield
    finally:
        _use_database(former)
        with _maintenance() as server:
            _drop(server, name)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Give this process its clone, and put it back as it was after each test that commits."""
    name = f"{_CLONE_PREFIX}{os.getpid()}"
    with django_db_blocker.unblock():
        _use_database("postgres")
        template = ensure_template()
        with _maintenance() as server:
            _drop_clones_of_dead_processes(server)
        clone(template, name)
        _use_database(name)

    def restore_clone(test: TransactionTestCase) -> None:
        _use_database("postgres")
        clone(template, name)
        _use_database(name)

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", restore_clone)
    try:
        yield
    finally:
        patch.undo()
        with django_db_blocker.unblock():
            _use_database("postgres")
            with _maintenance() as server:
                _drop(server, name)
            connections.close_all()
