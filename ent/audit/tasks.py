"""The regular rounds of the journal."""

import logging

from celery import shared_task
from celery.signals import worker_ready

from ent.audit import anchor
from ent.audit.chain import seal_journal
from ent.audit.chain import verify_journal as find_faults
from ent.audit.retention import purge_journal
from ent.celery import every

logger = logging.getLogger(__name__)


@shared_task(name="ent.audit.seal")
def seal() -> None:
    """Seal what was committed since the last minute."""
    seal_journal()


@shared_task(name="ent.audit.keep_months")
def keep_months() -> None:
    """Make the coming months, drop those past their retention."""
    purge_journal()


@shared_task(name="ent.audit.mail_heads")
def mail_heads() -> None:
    """Send the heads of the chains to the operators."""
    anchor.mail_heads()


@worker_ready.connect
def compare_at_start(**kwargs: object) -> None:
    """A worker that starts on a database whose chains end too early says so at once."""
    noted = anchor.read_anchor()
    for fault in anchor.compare_with_anchor(noted) if noted is not None else ():
        logger.critical("journal: %s", fault)


@shared_task(name="ent.audit.verify")
def verify() -> None:
    """Look for removed or altered lines; the operator's alarm hangs on this line of the log."""
    for finding in find_faults():
        logger.critical("journal: %s", finding)


every(60, "ent.audit.seal")
every(6 * 3600, "ent.audit.keep_months")
every(24 * 3600, "ent.audit.verify")
every(24 * 3600, "ent.audit.mail_heads")
