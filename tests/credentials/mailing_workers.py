"""Two workers that send, killed again and again: `python -m tests.credentials.mailing_workers …`.

Each worker is a fork of this process, which never speaks to the database itself. It is killed
(SIGKILL) once so many more mails have come to the server, after a moment of random length.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any


def main() -> None:
    """Run and kill workers, then let two of them finish until this process is ended."""
    import django

    orders = json.loads(sys.argv[1])
    django.setup()
    _set(orders["settings"])
    taken, chance = Path(orders["taken"]), random.Random(orders["seed"])
    workers = [_start(), _start()]
    try:
        for at in sorted(chance.randrange(1, orders["mails"]) for _ in range(orders["kills"])):
            while _count(taken) < at:
                time.sleep(0.002)
            time.sleep(chance.random() * 0.02)
            victim = workers.pop(chance.randrange(2))
            os.kill(victim, signal.SIGKILL)
            os.waitpid(victim, 0)
            workers.append(_start())
        sys.stdout.write("killed\n")
        sys.stdout.flush()
        sys.stdin.read()
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
            os.waitpid(worker, 0)


def _set(values: dict[str, Any]) -> None:
    from django.conf import settings

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.MAIL_PER_SECOND = "127.0.0.1", 0
    for name, value in values.items():
        setattr(settings, name, value)


def _start() -> int:
    """Fork a worker that does its rounds for ever."""
    worker = os.fork()
    if worker:
        return worker
    from django.db import connections

    from credentials.mailing.sending import run_round

    while True:
        try:
            if not run_round(lasting=timedelta(seconds=2)):
                time.sleep(0.05)
        except Exception:
            traceback.print_exc()
            connections.close_all()


def _count(taken: Path) -> int:
    """How many mails the server has: lines of a list, or files of a maildir."""
    if not taken.exists():  # asked first: the folder may appear between two questions
        return 0
    if taken.is_dir():
        return sum(1 for _ in taken.iterdir())
    return taken.read_bytes().count(b"\n")


if __name__ == "__main__":
    main()
