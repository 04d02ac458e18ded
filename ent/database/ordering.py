"""Orders that a reader follows: « Émile » after « Elsa », not behind « Zoé ».

The databases compare bytes (collation C), where every accent comes after z. Persons and schools
have folded columns to be sorted by; what else is listed by a name is sorted by this expression,
which folds in the statement: for tables of some hundred rows, or one page of persons.
"""

from __future__ import annotations

from typing import Final

from django.db.models import CharField, F, Func, Value
from django.db.models.functions import Lower

from ent.text.folding import fold

#: Letters with an accent, both cases, that fold to one plain letter (lower() of the database leaves
#: capitals with an accent alone where its locale is C).
_MARKED: Final = "".join(
    letter for letter in map(chr, range(0xC0, 0x24F)) if len(fold(letter)) == 1
)
_PLAIN: Final = "".join(map(fold, _MARKED))


def folded(column: str) -> Lower:
    """Return the expression that orders by *column* without regard to accents and capitals."""
    plain = Func(
        F(column), Value(_MARKED), Value(_PLAIN), function="translate", output_field=CharField()
    )
    return Lower(plain)
