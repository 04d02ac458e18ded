"""What the server believes of a table's size before a large join."""

import pytest
from django.db import connection

from ent.database.statistics import analyse_unknown
from tests.factories import make_person

pytestmark = pytest.mark.django_db

_TABLE = "directory_person"


def believed_rows() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [_TABLE])
        return float(cursor.fetchone()[0])


def test_a_table_believed_empty_is_counted_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {_TABLE}")
    for _ in range(3):
        make_person()
    assert believed_rows() <= 0

    assert analyse_unknown([_TABLE]) == [_TABLE]

    assert believed_rows() == 3
    assert analyse_unknown([_TABLE]) == []
