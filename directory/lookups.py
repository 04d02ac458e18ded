"""``pk__any_of=[…]``: membership in a long list of ids as one array parameter.

``__in`` writes one placeholder per id; with a thousand of them compiling, sending and planning the
statement costs more than running it. Given an ``ArraySubquery``, the ids are listed first, in the
database, and lead: the planner cannot decide to test everybody instead.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigAutoField, ForeignKey, Lookup
from django.db.models.sql.compiler import SQLCompiler


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
