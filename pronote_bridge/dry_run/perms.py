"""Who compares Pronote's lists: whoever administers every school of the instance."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from directory.rights.actors import Actor
from ent.files.models import StoredFile
from pronote_bridge.dry_run.models import DryRun, DryRunLine, DryRunQuerySet, HandPairing
from pronote_bridge.exports.perms import may_still_export
from pronote_bridge.instances.models import Instance
from pronote_bridge.instances.perms import manageable_instances

#: The deposited lists are for the worker; nobody downloads them again.
LIST_PURPOSE = "pronote-list"


def comparable_runs(actor: Actor) -> DryRunQuerySet:
    """Dry runs of the instances whose schools the actor administers, every one."""
    return DryRun.objects.filter(instance__in=manageable_instances(actor)).select_related(
        "instance__key_school"
    )


def pairable_lines(actor: Actor) -> models.QuerySet[DryRunLine]:
    """Lines of these dry runs, while they are open."""
    runs = comparable_runs(actor).open()
    return DryRunLine.objects.filter(source__dry_run__in=runs).select_related(
        "source__dry_run__instance__key_school", "pairing__person"
    )


def removable_pairings(actor: Actor) -> models.QuerySet[HandPairing]:
    """Pairs made by hand in these instances."""
    return HandPairing.objects.filter(instance__in=manageable_instances(actor)).select_related(
        "instance__key_school", "person"
    )


def may_still_compare(person_uuid: UUID, instance: Instance) -> bool:
    """May this person compare the lists of *instance* at this very moment? Asked by the worker.

    The same right as exporting: the comparison reads everybody of the file.
    """
    return may_still_export(person_uuid, instance)


def may_download_list(file: StoredFile, person_uuid: UUID) -> bool:
    """Nobody takes a deposited list out again."""
    return False
