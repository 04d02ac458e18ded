"""The rows of a member of staff of the first degree: schools with functions, no class."""

from __future__ import annotations

from directory.imports.layouts.aaf.second.functions import HEAD
from directory.imports.layouts.aaf.second.staff import StaffRows

DIRECTIONS = frozenset(
    {
        "DIRECTION",
        "DIRECTION CHEF D'ETABLISSEMENT",
        "DIRECTION ADJOINT AU CHEF ETABLISSEMENT",
        "CHEF D'ETABLISSEMENT ADJOINT",
    }
)
"""Posts of heads: in the first degree the code of their function is that of teachers."""


class FirstStaffRows(StaffRows):
    """``PersEducNat``."""

    def profile_of(self, code: str, post_label: str) -> str:
        """A head is whoever the post says; the class attributes of the second degree lack."""
        if post_label.strip().upper().replace("’", "'") in DIRECTIONS:
            return HEAD
        return super().profile_of(code, post_label)
