"""An undefined template variable is an error, in the tests and in the server they drive.

No pytest here: the settings of the tests install it, and the live server reads them too.
"""

import sys
from types import FrameType
from typing import Any


class UndefinedTemplateVariable(Exception):
    """A template of ours names a variable that its view does not give."""


class UndefinedVariable(str):
    """Stand for `string_if_invalid`: Django formats its "%s" with the variable it could not find.

    Templates of Django and of other libraries (the operators' admin) rely on silence: they keep it.
    """

    __slots__ = ()

    def __mod__(self, variable: Any) -> str:
        """Raise, unless the template is not one of ours."""
        origin = _template_being_rendered(sys._getframe(1))
        if "site-packages" in origin or "dist-packages" in origin:
            return ""
        raise UndefinedTemplateVariable(f"{{{{ {variable} }}}} is undefined in {origin}")


def _template_being_rendered(frame: FrameType | None) -> str:
    """Walk up to the nearest node or template that knows its file."""
    while frame is not None:
        owner = frame.f_locals.get("self")
        origin = getattr(owner, "origin", None)
        if origin is not None and getattr(origin, "name", None):
            return str(origin.name)
        frame = frame.f_back
    return "an unnamed template"
