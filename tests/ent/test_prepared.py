"""Statements that are planned once, on Django's own connection."""

import psycopg
import pytest
from django.db import close_old_connections, connection

from ent.database.prepared import fetch_one, statement


@pytest.mark.django_db(transaction=True)
def test_a_request_after_a_restart_of_the_server_goes_through() -> None:
    """The first statement of a request is a prepared one: the session's."""
    row = fetch_one(statement("SELECT pg_backend_pid() + %(none)s::int"), {"none": 0})
    assert row is not None
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", row)

    close_old_connections()  # what Django does where a request begins
    assert fetch_one(statement("SELECT 1 + %(none)s::int"), {"none": 0}) == (1,)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_said_nothing_is_not_asked() -> None:
    """Django asks at the first statement of each request: a round trip of each page."""
    assert fetch_one(statement("SELECT 2"), {}) == (2,)
    with psycopg.connect(**connection.get_connection_params()) as other:
        asked = "SELECT query FROM pg_stat_activity WHERE pid = %s"
        pid = connection.connection.info.backend_pid
        assert connection.is_usable()
        assert other.execute(asked, [pid]).fetchone() == ("SELECT 2",)  # and no SELECT 1
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert not connection.is_usable()
    connection.close()


def test_names_become_the_numbers_of_the_server() -> None:
    made = statement("SELECT %(b)s::int,\n  %(a)s::int, %(b)s::int %% 7")
    assert made.text == b"SELECT $1::int, $2::int, $1::int % 7"
    assert made.names == ("b", "a")


@pytest.mark.django_db
def test_values_stand_where_their_names_did() -> None:
    made = statement("SELECT %(b)s::int, %(a)s::text, %(b)s::int %% 7")
    assert fetch_one(made, {"a": "un", "b": 9, "more": "unused"}) == (9, "un", 2)
    with pytest.raises(KeyError, match="'a'"):
        fetch_one(made, {"b": 9})
