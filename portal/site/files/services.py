"""Files of a site: added, described, listed, deleted; each act journaled."""

from __future__ import annotations

from django.db import transaction

from directory.models import School
from ent.audit.services import record
from portal.enums import SiteAct
from portal.models import SiteFile
from portal.site.files.reading import ReadFile
from portal.site.managed import Editor


@transaction.atomic
def add_file(
    *,
    school: School,
    read: ReadFile,
    alternative: str = "",
    is_decorative: bool = False,
    is_listed: bool = False,
    by: Editor,
) -> SiteFile:
    """Keep a file."""
    file = SiteFile.objects.create(
        school=school,
        kind=read.kind,
        name=read.name,
        content_type=read.content_type,
        size_bytes=len(read.data),
        width=read.width,
        height=read.height,
        alternative="" if is_decorative else alternative,
        is_decorative=is_decorative,
        is_listed=is_listed,
        author=by.person,
        data=read.data,
    )
    _journal(SiteAct.FILE_ADDED, file, by)
    return file


@transaction.atomic
def change_file(*, file: SiteFile, changes: dict[str, object], by: Editor) -> None:
    """Describe a picture otherwise, name a document, list it or not."""
    for name, value in changes.items():
        setattr(file, name, value)
    file.save(update_fields=list(changes))
    _journal(SiteAct.FILE_CHANGED, file, by)


@transaction.atomic
def delete_file(*, file: SiteFile, by: Editor) -> bool:
    """Delete a file that no present text cites; tell whether it went."""
    locked = SiteFile.objects.select_for_update().defer("data").get(pk=file.pk)
    if locked.citations.exists():
        return False
    _journal(SiteAct.FILE_DELETED, locked, by)
    locked.delete()
    return True


def _journal(act: SiteAct, file: SiteFile, by: Editor) -> None:
    record(
        act=act,
        actor=by.person.uuid,
        school_uai=file.school.uai,
        origin=by.origin,
        details={"file": str(file.uuid), "kind": str(file.kind)},
    )
