"""The persons ticked in a list, as they come back by POST."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Final

from django.http import Http404

NOBODY_TICKED: Final = "Cochez d’abord les personnes."


def parse_identifiers(texts: Sequence[str]) -> list[uuid.UUID]:
    """Read UUIDs, each once; one that is none is an unknown object: 404 for all."""
    try:
        return list(dict.fromkeys(uuid.UUID(text) for text in texts))
    except ValueError as error:
        raise Http404("not an identifier") from error
