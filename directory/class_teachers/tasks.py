"""Attachments to classes end by themselves."""

from __future__ import annotations

from celery import shared_task

from directory.class_teachers.services import end_attachments
from ent.celery import every

END = "directory.end_class_teachers"


@shared_task(name=END)
def end_class_teachers() -> None:
    """Delete those whose last day is over."""
    end_attachments()


every(3600, END)
