"""Two ways of being in a long list of ids, so written that the planner cannot choose a bad one.

``pk__any_of=[…]``: the ids are one array parameter.

``__in`` writes one placeholder per id; with a thousand of them compiling, sending and planning the
statement costs more than running it. Given an ``ArraySubquery``, the ids are listed first, in the
database, and lead: the planner cannot decide to test everybody instead.

``pk__in_hash=queryset``: the ids are hashed once, and each row of whatever else leads is looked up
there. Give a queryset cut at ``MOST_HASHED`` (``[:…]``): PostgreSQL makes no hash of more than it
expects to hold in memory, and then compares each row with all.
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
    """``(column IN (SELECT …)) IS TRUE``: the test keeps the planner from making it a join."""

    lookup_name = "in_hash"

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """Write the comparison of ``__in`` as a value that is tested."""
        sql, parameters = super().as_sql(compiler, connection)
        return f"({sql}) IS TRUE", tuple(parameters)
