"""The end of the journal's months."""

from datetime import date

from django.utils import timezone

from ent.audit.chain import forget_purged_seals
from ent.audit.enums import Act
from ent.audit.partitions import create_partitions, drop_expired_partitions, first_kept_month
from ent.audit.services import record


def purge_journal() -> dict[date, int]:
    """Make the coming months and drop those past twelve months; each drop is itself journaled."""
    create_partitions()
    dropped = drop_expired_partitions()
    for month, count in dropped.items():
        record(act=Act.JOURNAL_PURGED, details={"month": month, "count": count})
    forget_purged_seals(before=first_kept_month(timezone.now()))
    return dropped
