"""What an XML file can hold."""

from __future__ import annotations

import re
from typing import Final

#: Everything outside « Char » of XML 1.0 (2.2) that a text of the database may contain.
_UNWRITABLE: Final = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def writable(text: str) -> str:
    """Return the text with a space for each character that XML cannot hold.

    For what identifies nobody (the name of a school, of the partner): a person with such a name is
    left out and named instead.
    """
    return _UNWRITABLE.sub(" ", text)
