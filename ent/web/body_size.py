"""How large the body of a request may be, known before its first byte is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_View = TypeVar("_View", bound=Callable[..., HttpResponse])


def takes_large_files(view: _View) -> _View:
    """Let the files sent to *view* weigh up to ``UPLOAD_MOST_BYTES``, as no other page's may."""
    view.takes_large_files = True  # type: ignore[attr-defined]
    return view


def most_bytes(request: HttpRequest | None) -> int:
    """Return what may be sent with *request*: known before its first byte is read.

    A stranger sends a form, and so does whoever sends no file; somebody signed in, small files (an
    image, a table); deliveries go to the one page that takes them.
    """
    user = getattr(request, "user", None)
    has_files = getattr(request, "content_type", "") == "multipart/form-data"
    if not has_files or (user is not None and not user.is_authenticated):
        return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    match = getattr(request, "resolver_match", None)
    is_large = match is not None and getattr(match.func, "takes_large_files", False)
    return int(settings.UPLOAD_MOST_BYTES if is_large else settings.FORM_FILES_MOST_BYTES)
