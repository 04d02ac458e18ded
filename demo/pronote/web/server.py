"""A small server in threads: reads a request, finds route and session, writes the answer."""

from __future__ import annotations

import hmac
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from demo.pronote.program import Program
from demo.pronote.web.desk import SIGN_IN
from demo.pronote.web.messages import COOKIE, DESK_COOKIE, Request, Response, Visit, go
from demo.pronote.web.pages import page
from demo.pronote.web.routes import ROUTES, Route

_LONGEST_BODY_BYTES: Final = 256 * 1024 * 1024
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def answer(program: Program, request: Request) -> Response:
    """Answer one request."""
    for route in ROUTES:
        match = route.pattern.fullmatch(request.path)
        if match is not None and route.method == request.method:
            captured = {name: text for name, text in match.groupdict().items() if text}
            return _visit(program, request, route, captured)
    return page("refused", status=404, words="Il n’y a rien à cette adresse.", again="", spaces=[])


def _visit(program: Program, request: Request, route: Route, captured: dict[str, str]) -> Response:
    key = request.cookies.get(DESK_COOKIE if route.is_supervised else COOKIE, "")
    session = program.sessions.find(key)
    if session is not None and session.is_supervisor != route.is_supervised:
        session = None
    visit = Visit(program=program, request=request, key=key, session=session, captured=captured)
    if not route.is_supervised:
        return route.view(visit)
    if session is None:
        return go(SIGN_IN)
    token = request.form.get("jeton", "")
    if request.method == "POST" and not hmac.compare_digest(session.token, token):
        words = "Ce formulaire ne vient pas de cette session. Revenez à la page et recommencez."
        return page("refused", status=403, words=words, again="", spaces=[])
    with program.lock:
        return route.view(visit)


class Server(ThreadingHTTPServer):
    """The program on its port."""

    daemon_threads = True

    def __init__(self, program: Program) -> None:
        super().__init__(("127.0.0.1", program.settings.port), Handler)
        program.port = self.server_port
        self.program = program


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    timeout = 30

    def do_GET(self) -> None:
        """Answer a page."""
        self._answer(self._request({}, b""))

    def do_POST(self) -> None:
        """Answer a form, a file or a sign-out message."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _LONGEST_BODY_BYTES:
            self.close_connection = True
            return self.send_error(413)
        body = self.rfile.read(int(length))
        form, file = read_form(self.headers.get("Content-Type", ""), body)
        return self._answer(self._request(form, file))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: addresses hold tickets."""

    def _request(self, form: dict[str, str], file: bytes) -> Request:
        parts = urlsplit(self.path)
        return Request(
            method=self.command,
            path=parts.path,
            query=_first(parts.query),
            form=form,
            file=file,
            cookies=_cookies(self.headers.get("Cookie", "")),
        )

    def _answer(self, request: Request) -> None:
        response = answer(self.server.program, request)
        self.send_response(response.status)
        for name, value in {**_HEADERS, **response.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)


def read_form(content_type: str, body: bytes) -> tuple[dict[str, str], bytes]:
    """Return the fields of a form and its file, whichever of the two encodings it has."""
    if not content_type.startswith("multipart/form-data"):
        return _first(body.decode("utf-8", "replace")), b""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    form: dict[str, str] = {}
    file = b""
    for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
        name, content = _part(part)
        if part.get_filename() is not None:
            file = content
        else:
            form.setdefault(name, content.decode("utf-8", "replace"))
    return form, file


def _part(part: Message) -> tuple[str, bytes]:
    content = part.get_payload(decode=True)
    name = part.get_param("name", header="Content-Disposition")
    return str(name), content if isinstance(content, bytes) else b""


def _first(encoded: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        fields.setdefault(name, value)
    return fields


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
