"""The Celery application, and how a room asks for a periodic task.

Tasks carry identifiers only; the rows they name are the truth (`ent.jobs`).
"""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.production")

app = Celery("preau")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """Leave the log to Django's settings: connecting this signal stops Celery's own set-up."""


def every(seconds: float, task: str, *, name: str = "") -> None:
    """Ask the beat to send `task` (its dotted name) every so many seconds.

    Called at import by a room's `tasks.py`: the schedule then stands beside what it sets off.
    """
    app.conf.beat_schedule[name or task] = {"task": task, "schedule": seconds}


def create_broker_folders() -> None:
    """Create the folders of the broker and of the beat when they live on disk."""
    options = app.conf.broker_transport_options or {}
    for key in ("data_folder_in", "data_folder_out", "processed_folder", "control_folder"):
        if key in options:
            Path(options[key]).mkdir(parents=True, exist_ok=True, mode=0o700)
    Path(app.conf.beat_schedule_filename).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
