"""Making a credential file, in the worker: codes, rows, two encrypted files, one transaction.

Either everything is there (codes issued, both files whole, the row says ready) or nothing is: a
failure in the middle, a full disk, a right withdrawn or a cancellation leave the former codes
valid and no file listed (T-F4, T-F14).
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from credentials.codes.issuing import reissue_codes, renew_codes
from credentials.enums import FileFormat, FileOrigin, FileState, Purpose
from credentials.files.models import CredentialFile
from credentials.files.rows import HEADER, FileCounts, read_rows
from credentials.openings.ceiling import Opened
from credentials.openings.ceiling import refuse_opening as refuse
from credentials.perms import may_still_handle_files
from directory.enums import GroupKind
from ent.audit.enums import Act
from ent.audit.services import record
from ent.files.models import StoredFile
from ent.files.writing import create_file
from ent.jobs.context import JobContext
from ent.jobs.errors import JobFailed
from ent.tabular import delimited, workbook

_SHEET_TITLE: Final = "Identifiants"
_RIGHT_WITHDRAWN: Final = (
    "Vous n’avez plus le droit de faire les fichiers de cet établissement. "
    "Rien n’a été fait ni changé."
)


def make_file(ctx: JobContext) -> None:
    """Make the file that the job names; a file that is ready or deleted is left alone."""
    with transaction.atomic():
        file = (
            CredentialFile.objects.select_for_update(of=("self",))
            .select_related("school__authority")
            .get(uuid=UUID(ctx.params["file"]))
        )
        if file.state != FileState.WAITING:
            return
        now = timezone.now()
        _check_right(file)
        ctx.progress("Codes d’activation")
        file.issued_count = _issue(file, now)
        tally = FileCounts()
        _write(ctx, file, now, tally)
        _check_right(file)
        file.account_count, file.code_count = tally.accounts, tally.codes
        file.state, file.generated_at = FileState.READY, now
        file.save()
        record(
            act=Act.FILE_CREATED,
            actor=file.requested_by,
            school_uai=file.school.uai,
            details={"file": file.uuid, "count": tally.accounts, "kind": file.origin},
        )
    ctx.result({"accounts": tally.accounts, "codes": tally.codes, "unreadable": tally.unreadable})


def may_download(stored: StoredFile, person_uuid: UUID) -> bool:
    """May this person download it now? Asked by the worker at each download (T-F4, T-F12)."""
    file = CredentialFile.objects.of_stored(stored.uuid).select_related("school__authority").first()
    return file is not None and may_still_handle_files(person_uuid, file.school)


def refuse_opening(stored: StoredFile, person_uuid: UUID) -> str:
    """Count the codes that this download opens; why it must wait, "" when it may go on."""
    file = CredentialFile.objects.of_stored(stored.uuid).select_related("school").get()
    classes = file.school.groups.filter(kind=GroupKind.CLASS, is_present=True)
    return refuse(
        Opened(
            reference=file.uuid,
            name=file.name,
            school=file.school,
            codes=file.code_count,
            is_wide=classes.count() > 1,
        ),
        person_uuid,
    )


def _check_right(file: CredentialFile) -> None:
    """Ask again for the right of the person who asked; an import's files have nobody to ask."""
    if file.requested_by is not None and not may_still_handle_files(file.requested_by, file.school):
        raise JobFailed(_RIGHT_WITHDRAWN)


def _issue(file: CredentialFile, now: datetime) -> int:
    if file.origin == FileOrigin.REISSUE:
        return reissue_codes(selection=file.selection, asked_at=file.asked_at, now=now)
    return renew_codes(selection=file.selection, now=now)


def _write(ctx: JobContext, file: CredentialFile, now: datetime, tally: FileCounts) -> None:
    """Write both twins block by block, and note their sizes and places on *file*."""
    total = file.selection.count()
    with ExitStack() as stack:
        csv_out, xlsx_out = (
            stack.enter_context(
                create_file(
                    name=file.name_of(file_format),
                    media_type=media_type,
                    purpose=Purpose.CREDENTIALS.value,
                    school_uai=file.school.uai,
                )
            )
            for file_format, media_type in (
                (FileFormat.CSV, delimited.CONTENT_TYPE),
                (FileFormat.XLSX, workbook.CONTENT_TYPE),
            )
        )
        csv_rows = delimited.DelimitedWriter(csv_out.write, header=HEADER)
        xlsx_rows = stack.enter_context(
            workbook.WorkbookWriter(xlsx_out.write, header=HEADER, title=_SHEET_TITLE)
        )
        for block in read_rows(file.selection, now=now, tally=tally):
            ctx.progress("Écriture des lignes", done=tally.accounts, total=total)
            ctx.check_cancelled()
            _check_right(file)
            csv_rows.write_rows(block)
            xlsx_rows.write_rows(block)
        csv_rows.close()
    file.csv_uuid, file.csv_size = csv_out.file.uuid, csv_out.file.size
    file.xlsx_uuid, file.xlsx_size = xlsx_out.file.uuid, xlsx_out.file.size
