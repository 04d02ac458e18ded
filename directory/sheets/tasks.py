"""The regular round of persons' sheets."""

from __future__ import annotations

from celery import shared_task

from directory.sheets.opening_limit import forget_old_counts
from ent.celery import every

PURGE = "directory.sheets.purge"


@shared_task(name=PURGE)
def purge() -> None:
    """Forget how many sheets were opened in the hours that no rule reads any more."""
    forget_old_counts()


every(3600, PURGE)
