"""Academic identifiers, as they are typed and as they are kept."""

from __future__ import annotations

import re
import unicodedata

from guichet.agents.models import UID

_UID = re.compile(UID)


def normalise_uid(typed: str) -> str:
    """Return the identifier as it is kept, whatever its case and blanks; "" when it is none."""
    if len(typed) > 200:
        return ""
    text = "".join(unicodedata.normalize("NFKC", typed).lower().split())
    return text if _UID.fullmatch(text) else ""
