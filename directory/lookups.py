"""``pk__any_of=[…]``: membership in a long list of ids as one array parameter.

``__in`` writes one placeholder per id; with a thousand of them compiling, sending and planning the
statement costs more than running it.
"""

from __future__ import annotations

from typing import Any

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
        """Write the comparison with the ids as one parameter."""
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s::bigint[])", (*parameters, list(self.rhs))
