"""The web server's settings.

Synchronous workers answered the most pages per second of all that we measured; they want a
buffering proxy in front. There is no access log: an address may hold a one-time token.
"""

import os
from typing import Any

from ent.deployment.machine import core_count, web_process_count

bind = os.environ.get("BIND", "127.0.0.1:8000")
# More than the sign-ins that may be under way or wait at once (`ent.deployment.machine`): however
# many people sign in, some are left for the pages of those who did (T-A10).
workers = int(os.environ.get("WEB_PROCESSES") or web_process_count(core_count()))
preload_app = True
timeout = 60
graceful_timeout = 20
max_requests = 10_000
max_requests_jitter = 1_000
control_socket_disable = True
# A heartbeat file on a disk can block a worker; memory cannot.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112
limit_request_line = 8190


def on_starting(server: Any) -> None:
    """Make the folders of the broker, as a page may publish before any worker was started."""
    from ent.celery import create_broker_folders
    from ent.logging.lines import OneTimeFilter

    create_broker_folders()
    server.log.error_log.addFilter(OneTimeFilter())  # at DEBUG it writes each request's address


loglevel = os.environ.get("LOG_LEVEL", "INFO").lower()
