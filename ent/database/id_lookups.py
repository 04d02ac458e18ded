"""Two look-ups of rows by a long list of ids, written so that the planner keeps to a good plan.

``pk__any_of=[…]`` sends the ids as one array parameter. ``__in`` writes one placeholder per id: for
a thousand ids, compiling, sending and planning the statement costs more than running it. Given an
``ArraySubquery``, the database lists the ids first and fetches their rows by index; the planner
cannot decide to test every row of the table instead.

``pk__in_hash=queryset`` hashes the ids once and tests each row that another index gives. Cut the
queryset at ``MOST_HASHED`` (``[:…]``): PostgreSQL makes no hash that it expects not to fit in
memory, and would then compare each row with all ids.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigAutoField, ForeignKey, Lookup
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler

MOST_HASHED = 50_000


@BigAutoField.register_lookup
@ForeignKey.register_lookup
class AnyOf(Lookup[Any]):
    """``column = ANY(array)``."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """Write the comparison with the ids as one parameter, or with the array of a subquery."""
        left, parameters = self.process_lhs(compiler, connection)
        if isinstance(self.rhs, ArraySubquery):
            right, its_parameters = compiler.compile(self.rhs)
            return f"{left} = ANY({right})", (*parameters, *its_parameters)
        return f"{left} = ANY(%s::bigint[])", (*parameters, list(self.rhs))


@BigAutoField.register_lookup
class InHash(In):
    """``(column IN (SELECT …)) IS TRUE``: ``IS TRUE`` keeps the planner from making it a join."""

    lookup_name = "in_hash"

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """Write the comparison of ``__in`` as a value that is tested."""
        sql, parameters = super().as_sql(compiler, connection)
        return f"({sql}) IS TRUE", tuple(parameters)
