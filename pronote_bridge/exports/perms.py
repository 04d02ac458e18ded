"""Who makes, sees and downloads exports: whoever administers every school of the instance."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, Q

from directory.enums import AccessState
from directory.models import Person
from directory.rights.actors import Actor, actor_for
from ent.files.models import StoredFile
from pronote_bridge.exports.models import Export, ExportQuerySet
from pronote_bridge.instances.models import Instance, InstanceSchool
from pronote_bridge.instances.perms import administered_schools, can_manage, schools_of


def visible_exports(actor: Actor) -> ExportQuerySet:
    """The history of instances of whose schools the actor administers every one, even withdrawn."""
    served = InstanceSchool.objects.filter(
        Q(left_at__isnull=True) | Q(left_at=F("instance__withdrawn_at"))
    )
    own = served.filter(school__in=schools_of(actor))
    foreign = served.exclude(school__in=administered_schools(actor))
    found = Export.objects.select_related("instance__key_school__authority", "base")
    return found.filter(instance__in=own.values("instance")).exclude(
        instance__in=foreign.values("instance")
    )


def may_still_export(person_uuid: UUID, instance: Instance) -> bool:
    """May this person export this instance at this very moment? Asked by the worker (T-F4)."""
    person = (
        Person.objects.filter(uuid=person_uuid, left_at__isnull=True)
        .exclude(access_state=AccessState.BLOCKED)
        .first()
    )
    return person is not None and can_manage(actor_for(person), instance)


def may_download(stored: StoredFile, person_uuid: UUID) -> bool:
    """May this person download it now? Asked by the worker at each download."""
    export = Export.objects.of_stored(stored.uuid).select_related("instance").first()
    return export is not None and may_still_export(person_uuid, export.instance)
