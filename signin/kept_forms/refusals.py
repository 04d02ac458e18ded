"""Would the view refuse this person? Asked before a proof is: nobody proves who they are for a no.

Decision 0133.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.contrib.messages.storage import default_storage
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from ent.database.read_only import read_only

_REFUSED: Final = frozenset({403, 404, 405})


def refusal_of(
    request: HttpRequest,
    view: Callable[..., HttpResponse],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> HttpResponse | None:
    """Run the view where it can write nothing; return what it answers when that is a refusal.

    `Http404` and `PermissionDenied` go up. None for every other answer, which is thrown away, and
    for a view that tries to write: this person may act. Only the journal's line of a refusal stays.
    """
    _ = request.POST  # read once, for the copy and for whoever keeps the form
    response = None
    refused: Http404 | PermissionDenied | None = None
    try:
        with read_only() as postponed:
            response = view(_copy_of(request), *args, **kwargs)
    except (Http404, PermissionDenied) as error:
        refused = error
    except Exception:
        return None
    if refused is None and (response is None or response.status_code not in _REFUSED):
        return None
    for write in postponed:
        write()
    if refused is not None:
        raise refused
    return response


def _copy_of(request: HttpRequest) -> HttpRequest:
    """Return a request whose session and messages are its own."""
    copied = copy.copy(request)
    session = copy.copy(request.session)
    if hasattr(session, "_session_cache"):
        session._session_cache = copy.deepcopy(session._session_cache)  # noqa: SLF001
    copied.session = session
    copied._messages = default_storage(copied)  # type: ignore[attr-defined]  # noqa: SLF001
    return copied
