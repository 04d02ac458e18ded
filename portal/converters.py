"""Path converters of the portal."""

from __future__ import annotations

from portal.enums import TextKind


class ColourConverter:
    """Six lower-case hexadecimal digits."""

    regex = "[0-9a-f]{6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class TextKindConverter:
    """One of the portal's texts."""

    regex = "|".join(TextKind.values)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)
