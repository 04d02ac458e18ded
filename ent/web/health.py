"""The pages that probes read: is everything well, and is this process able to serve?

They answer within two seconds whatever hangs, and ask neither who asks nor any other page's
middleware (`HealthMiddleware`).
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError as BrokerError

from ent.database.patience import patience
from ent.logging.responses import keep_out_of_the_log
from ent.web.deadline import Sockets, run_within

OK: Final = "ok"
DOWN: Final = "indisponible"
READ_ONLY: Final = "lecture seule"
UNKNOWN: Final = "inconnu"
NO_SPACE: Final = "plus de place"
WRONG_CLOCK: Final = "décalée"

#: For the database and the broker, which are asked at the same time, then for all the rest.
_SECONDS: Final = 1.0
_SECONDS_OF_THE_REST: Final = 0.5
#: What our clock and the database's may differ by before somebody should look.
_CLOCK_SECONDS: Final = 5.0
#: What must be free where we write ourselves. The database's own disk is told by its refusals.
_LEAST_FREE_BYTES: Final = 100 * 1024 * 1024

_STATE = """
    SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',
           extract(epoch FROM clock_timestamp())::float8
"""

_more: dict[str, Callable[[], str]] = {}


def register_state(word: str, state: Callable[[], str]) -> None:
    """Let a part of the kernel tell its state, under a word of its own, while there is a database.

    "ok", or what is wrong, without a detail.
    """
    _more[word] = state


def database_state() -> tuple[str, str]:
    """Tell whether the database answers and takes writes, and whether our clock is its own."""
    try:
        return run_within(_SECONDS, _ask_database, sockets=Sockets())
    except (Error, OSError):
        return DOWN, UNKNOWN


def _ask_database() -> tuple[str, str]:
    """Ask on a connection of its own: the process's may be the one that hangs."""
    link = connections.create_connection(DEFAULT_DB_ALIAS)
    with patience(2 * _SECONDS):  # nobody waits for the thread, but it must end
        try:
            asked_at = time.time()
            with link.cursor() as cursor:
                cursor.execute(_STATE)
                is_read_only, its_time = cursor.fetchone()
            answered_at = time.time()
        finally:
            link.close()
    off = max(asked_at - its_time, its_time - answered_at, 0)
    return (READ_ONLY if is_read_only else OK), (WRONG_CLOCK if off > _CLOCK_SECONDS else OK)


def _broker_state() -> str:
    try:
        return run_within(_SECONDS, _ask_broker, sockets=Sockets())
    except (BrokerError, OSError):
        return DOWN


def _ask_broker() -> str:
    with current_app.connection_for_write(connect_timeout=1) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=1)
        _ = broker.default_channel  # Redis is only asked here
    return OK


def _space_state() -> str:
    """Tell whether there is room where this machine keeps uploads, and its own files."""
    temporary = settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir()
    for there in {Path(settings.VAR_DIR), Path(temporary)}:
        if there.is_dir() and shutil.disk_usage(there).free < _LEAST_FREE_BYTES:
            return NO_SPACE
    return OK


def _states() -> dict[str, str]:
    found: dict[str, str] = {}
    asking = threading.Thread(target=lambda: found.update(file=_broker_state()), daemon=True)
    asking.start()
    base, clock = database_state()
    asking.join()
    states = {"base": base, "file": found.get("file", DOWN), "horloge": clock}
    with patience(_SECONDS_OF_THE_REST):
        is_there = base != DOWN
        for word, state in _more.items():
            told = _told(state) if is_there else UNKNOWN
            is_there = is_there and told != UNKNOWN
            states[word] = told
    if states.get("espace", OK) in (OK, UNKNOWN) and (space := _space_state()) != OK:
        states["espace"] = space
    return states


def _told(state: Callable[[], str]) -> str:
    try:
        return state()
    except Error:
        return UNKNOWN


@login_not_required
@never_cache
@xframe_options_deny
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Tell the state of all that the portal needs, never a detail: 503 unless all is well.

    For whoever watches. A balancer asks `can_serve`: one that took every web process away because
    the workers are late would help nobody.
    """
    states = _states()
    is_well = all(state == OK for state in states.values())
    return _answer(states, is_well=is_well)


@login_not_required
@never_cache
@xframe_options_deny
@require_safe
def can_serve(request: HttpRequest) -> JsonResponse:
    """Tell whether this process can serve pages: 503 only without the database.

    Pages work without broker and without workers, jobs wait in their rows (T-L4); a database that
    is read-only can be read.
    """
    base, _ = database_state()
    return _answer({"base": base}, is_well=base != DOWN)


def _answer(states: dict[str, str], *, is_well: bool) -> JsonResponse:
    response = JsonResponse(states, status=200 if is_well else 503)
    keep_out_of_the_log(response)
    return response


_PAGES: Final = {"/sante/": health, "/sante/pages/": can_serve}


def _host_of(request: HttpRequest) -> str:
    return request.get_host().rsplit(":", 1)[0].rstrip(".").lower()


class HealthMiddleware:
    """Answers probes of the portal's hosts before anything reads the database for the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a probe, or let the request through."""
        page = _PAGES.get(request.path_info)
        if page is None or _host_of(request) not in settings.PORTAL_HOSTS:
            return self.get_response(request)
        return page(request)
