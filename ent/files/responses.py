"""The download: headers that no cache keeps, and the cookie that opens the hand-off."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from ent.files.handoff import VALIDITY, FileContent, HandoffTicket

_COOKIE_SECONDS = int(VALIDITY.total_seconds()) * 2  # the job's wait, then the validity


def remember_handoff(response: HttpResponseBase, ticket: HandoffTicket) -> None:
    """Give the browser the secret of the hand-off that it asked for."""
    response.set_cookie(
        _cookie_name(ticket.handoff.uuid),
        ticket.secret,
        max_age=_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def handoff_secret(request: HttpRequest, handoff_uuid: UUID) -> str:
    """Return the secret that the browser holds for this hand-off, "" when it has none."""
    return request.COOKIES.get(_cookie_name(handoff_uuid), "")


def download_response(content: FileContent, *, is_head: bool = False) -> StreamingHttpResponse:
    """Stream a file as an attachment; nothing on the way keeps it (T-F12).

    HEAD sends no byte, so that a file that is given once is not given by it.
    """
    disposition = content_disposition_header(as_attachment=True, filename=content.file.name)
    return StreamingHttpResponse(
        iter(()) if is_head else content.chunks,
        content_type=content.file.media_type,
        headers={
            "Content-Length": str(content.file.size),
            "Content-Disposition": disposition or "attachment",
            "Cache-Control": "no-store, private",
            "X-Content-Type-Options": "nosniff",
            "Accept-Ranges": "none",
        },
    )


def _cookie_name(handoff_uuid: UUID) -> str:
    # The prefix makes a browser refuse it unless Secure, without Domain, for path "/".
    prefix = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
    return f"{prefix}preau_file_{handoff_uuid.hex[:16]}"
