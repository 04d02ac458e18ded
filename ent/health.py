"""The page that a probe reads: is this process able to serve?"""

from celery import current_app
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError as BrokerError

_OK = "ok"
_DOWN = "indisponible"


def _database_state() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return _DOWN
    return _OK


def _broker_state() -> str:
    try:
        with current_app.connection_for_write(connect_timeout=1) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=1)
    except (BrokerError, OSError):
        return _DOWN
    return _OK


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Tell the state of the database and of the broker, never a detail.

    503 only without the database: pages work without the broker, jobs wait in their rows (T-L4).
    """
    states = {"base": _database_state(), "file": _broker_state()}
    return JsonResponse(states, status=200 if states["base"] == _OK else 503)
