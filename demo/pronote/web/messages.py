"""A request and its answer, as the views see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from demo.pronote.entry.sessions import Session
from demo.pronote.program import Program

HTML: Final = "text/html; charset=utf-8"
#: Two cookies: « SPR » and somebody of the school may be in from one browser.
COOKIE: Final = "pronote"
DESK_COOKIE: Final = "pronote_spr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a browser asked; of a field that comes several times the first value counts."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    file: bytes = b""
    cookies: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What it is answered."""

    status: int = 200
    body: bytes = b""
    content_type: str = HTML
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request with the program that it is made to and the session that it belongs to."""

    program: Program
    request: Request
    key: str = ""
    session: Session | None = None
    captured: dict[str, str] = field(default_factory=dict)
    """The variable parts of the path."""

    @property
    def supervisor(self) -> Session:
        """The session of « SPR »; the routes let nobody else come this far."""
        if self.session is None or not self.session.is_supervisor:
            raise PermissionError("not the supervisor's session")
        return self.session


def go(address: str, headers: dict[str, str] | None = None) -> Response:
    """Send the browser on, with a GET."""
    return Response(status=303, headers={"Location": address, **(headers or {})})


def cookie_of(key: str, *, of_the_desk: bool = False) -> dict[str, str]:
    """Return the header that gives a browser its session, until it is closed."""
    name = DESK_COOKIE if of_the_desk else COOKIE
    return {"Set-Cookie": f"{name}={key}; Path=/pronote/; HttpOnly; SameSite=Lax"}


def download(content: bytes, name: str, content_type: str) -> Response:
    """Give a file; the name is of plain letters."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body=content, content_type=content_type, headers=disposition)
