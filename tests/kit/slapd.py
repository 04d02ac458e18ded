"""A real OpenLDAP server with a small invented university, on a free port of 127.0.0.1."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from demo.university import people, slapd
from ent.ldap.client import forget_connections
from tests.conftest import require


@dataclass(frozen=True, kw_only=True, slots=True)
class University:
    """The server, and who is in it: thirty students, then six of the staff."""

    server: slapd.Slapd
    members: list[people.Member]

    @property
    def student(self) -> people.Member:
        """The first student."""
        return self.members[0]


@pytest.fixture(scope="session")
def _university() -> Iterator[University]:
    require(slapd.is_installed(), "OpenLDAP (slapd, ldap-utils)")
    require(find_spec("ldap") is not None, "the optional LDAP client (requirements/ldap.txt)")
    members = people.invent(30, 6)
    with (
        tempfile.TemporaryDirectory(prefix="preau-slapd-") as folder,
        slapd.running(Path(folder), people.entries(members)) as server,
    ):
        yield University(server=server, members=members)


@pytest.fixture
def university(_university: University) -> Iterator[University]:
    """The server of this process; a test changes a member of its own, or gives back."""
    forget_connections()
    yield _university
    forget_connections()
