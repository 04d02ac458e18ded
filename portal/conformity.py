"""« Accessibilité : non conforme », as the law words it at the foot of every page.

Decree 2019-768, article 5: a service's home page bears one of three mentions. The text of the
page « Accessibilité » says which; where it says none, no audit supports more than « non conforme ».
"""

from __future__ import annotations

import re
from typing import Final

from portal.enums import TextKind
from portal.models import LegalText

_MENTION: Final = re.compile(
    r"accessibilité\s*:\s*(non|partiellement|totalement)\s+conforme", re.IGNORECASE
)


def accessibility_mention() -> str:
    """« Accessibilité : non conforme »; one statement."""
    text = LegalText.objects.in_force(TextKind.ACCESSIBILITY)
    found = _MENTION.search(text.body) if text is not None else None
    return f"Accessibilité\u00a0: {found[1].lower() if found else 'non'} conforme"
