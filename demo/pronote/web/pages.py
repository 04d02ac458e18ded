"""Templates, by Django's engine alone: no settings, no application, everything escaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from django.template import Context, Engine

from demo.pronote.base.people import Population
from demo.pronote.web.messages import Response, Visit

_HERE: Final = Path(__file__).resolve().parent.parent
#: An undefined variable shows itself between these signs, which tests look for.
UNDEFINED: Final = "⟦%s⟧"
_ENGINE: Final = Engine(dirs=[str(_HERE / "templates")], string_if_invalid=UNDEFINED)


def page(name: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page of `templates/pronote/`."""
    context = Context(values, use_l10n=False, use_tz=False)
    text = _ENGINE.get_template(f"pronote/{name}.html").render(context)
    return Response(status=status, body=text.encode())


def desk_page(visit: Visit, name: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page of the administration, with the notice of the act before it, once."""
    session = visit.supervisor
    notice, session.notice = session.notice, ""
    return page(
        name,
        status=status,
        **{
            "school": visit.program.base.school,
            "is_changed": visit.program.is_changed,
            "token": session.token,
            "notice": notice,
            "error": "",
            "populations": list(Population),
            **values,
        },
    )


def style() -> bytes:
    """Return the style sheet."""
    return (_HERE / "static" / "style.css").read_bytes()
