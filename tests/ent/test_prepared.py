"""Statements that are planned once, on Django's own connection."""

import psycopg
import pytest
from django.db import close_old_connections, connection

from ent.prepared import compact, fetch_one


@pytest.mark.django_db(transaction=True)
def test_a_request_after_a_restart_of_the_server_goes_through() -> None:
    """The first statement of a request is a prepared one: the session's."""
    row = fetch_one("SELECT pg_backend_pid() + %(none)s::int", {"none": 0})
    assert row is not None
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", row)

    close_old_connections()  # what Django does where a request begins
    assert fetch_one("SELECT 1 + %(none)s::int", {"none": 0}) == (1,)


def test_a_statement_too_long_to_be_remembered_is_refused() -> None:
    """One of thirteen bytes too many was taken to pieces at every sign-in."""
    assert compact(f"SELECT\n  '{'x' * 4087}'") == f"SELECT '{'x' * 4087}'"
    with pytest.raises(ValueError, match="4097 bytes"):
        compact(f"SELECT '{'x' * 4088}'")
