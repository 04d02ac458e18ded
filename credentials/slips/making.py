"""Making a printing, in the worker: codes, sheets, one encrypted file, one transaction.

A single pile (one class of pupils, one of parents) is one PDF; several are an archive with a PDF
per class, in the order in which they are handed out. The archive is streamed: memory is that of
three piles, however large the school.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from itertools import groupby, islice
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import ActivationCode
from credentials.choice.population import chosen_accounts, missing_persons
from credentials.codes.issuing import issue_missing_codes
from credentials.enums import FileState, Purpose, SlipLayout
from credentials.journal import SlipAct
from credentials.openings.ceiling import Opened
from credentials.openings.ceiling import refuse_opening as refuse
from credentials.perms import actor_still_in_charge, schools_with_slips_of
from credentials.slips.models import SlipPrinting
from credentials.slips.people import SlipPerson, read_people
from credentials.slips.perms import visible_printings
from credentials.slips.sheets import SheetHead, draw, head_of
from directory.enums import Profile
from directory.models import Person
from directory.rights.actors import Actor
from directory.rights.acts import Act
from directory.rights.walls import visible_schools
from ent.audit.enums import Act as AuditAct
from ent.audit.services import record, record_many
from ent.files.models import StoredFile
from ent.files.writing import FileWriter, create_file
from ent.jobs.context import JobContext
from ent.jobs.errors import JobFailed

#: Sheets in one document at most: what Typst lays out at once is what memory holds.
_MOST_SHEETS: Final = 400
#: Documents that are laid out at once: Typst leaves Python's lock while it works.
_AT_ONCE: Final = min(2, os.cpu_count() or 1)
#: In the job's result: accounts of the people whom the paper writes in other letters.
TRANSLITERATED: Final = "transliterated"
_PDF: Final = "application/pdf"
_ZIP: Final = "application/zip"
_PILES: Final = {Profile.PUPIL.value: "eleves", Profile.GUARDIAN.value: "parents"}
_NO_RIGHT: Final = (
    "Vous n’avez plus le droit d’imprimer les fiches de cet établissement. Rien n’a été changé."
)
_NOBODY: Final = (
    "Personne ne correspond plus à ce choix\u00a0: les comptes ont été activés ou ont changé "
    "entre-temps. Rien n’a été changé."
)


def make_slips(ctx: JobContext) -> None:
    """Make the printing that the job names; one that is ready or deleted is left alone."""
    with transaction.atomic():
        printing = (
            SlipPrinting.objects.select_for_update(of=("self",))
            .select_related("school__authority")
            .get(uuid=UUID(ctx.params["printing"]))
        )
        if printing.state != FileState.WAITING:
            return
        now = timezone.now()
        accounts = _accounts(printing, _actor(printing))
        if not accounts:
            raise JobFailed(_NOBODY)
        ctx.progress("Codes d’activation")
        printing.issued_count = issue_missing_codes(account_ids=accounts, now=now)
        printing.account_count = len(accounts)
        printed = _write(ctx, printing, accounts, now)
        _actor(printing)
        printing.state, printing.generated_at = FileState.READY, now
        printing.save()
        _leave_traces(printing, printed, now)
    ctx.result({"accounts": printing.account_count, "codes": printing.code_count})


def may_download(stored: StoredFile, person_uuid: UUID) -> bool:
    """May this person download it now? The same people, with the same rights, still (T-F4)."""
    actor = actor_still_in_charge(person_uuid)
    if actor is None:
        return False
    printing = visible_printings(actor).of_stored(stored.uuid).first()
    return printing is not None and _reaches_all(printing, actor)


def refuse_opening(stored: StoredFile, person_uuid: UUID) -> str:
    """Count the codes that this download opens; why it must wait, "" when it may go on."""
    printing = SlipPrinting.objects.of_stored(stored.uuid).select_related("school").get()
    choice = printing.chosen
    return refuse(
        Opened(
            reference=printing.uuid,
            name=printing.name,
            school=printing.school,
            codes=printing.code_count,
            is_wide=not choice.persons and len(choice.groups) != 1,
        ),
        person_uuid,
    )


def _actor(printing: SlipPrinting) -> Actor:
    actor = actor_still_in_charge(printing.requested_by)
    if actor is None or not schools_with_slips_of(actor).filter(pk=printing.school_id).exists():
        raise JobFailed(_NO_RIGHT)
    return actor


def _accounts(printing: SlipPrinting, actor: Actor) -> list[int]:
    found = chosen_accounts(printing.chosen, actor=actor, act=Act.SLIPS)
    return list(found.order_by("pk").values_list("pk", flat=True))


def _reaches_all(printing: SlipPrinting, actor: Actor) -> bool:
    """A form teacher who lost one of the classes, or one of the people, downloads it no more."""
    choice = printing.chosen
    if visible_schools(actor, Act.SLIPS).filter(pk=printing.school_id).exists():
        return True
    if choice.persons:
        return missing_persons(choice, actor=actor, act=Act.SLIPS) == 0
    held = {reach.group_id for reach in actor.reaches(Act.SLIPS)}
    wanted = set(printing.school.groups.filter(uuid__in=choice.groups).values_list("pk", flat=True))
    return bool(wanted) and wanted <= held


def _write(
    ctx: JobContext, printing: SlipPrinting, accounts: list[int], now: datetime
) -> dict[int, int]:
    """Write every pile into one file, and note on *printing* what was made.

    Return the codes that stand on paper: account → generation.
    """
    printed: dict[int, int] = {}
    sheet = head_of(printing.school, SlipLayout(printing.layout))
    people = read_people(
        accounts, school_id=printing.school_id, now=now, groups=printing.chosen.groups
    )
    piles = documents_of(people)
    first = next(piles)
    second = next(piles, None)
    is_archive = second is not None
    kind = "lettres" if printing.layout == SlipLayout.LETTER else "fiches"
    stem = f"{kind}-{printing.school.uai}"
    printing.name = f"{stem}.zip" if is_archive else f"{stem}-{first[0]}.pdf"
    media_type = _ZIP if is_archive else _PDF
    with create_file(
        name=printing.name,
        media_type=media_type,
        purpose=Purpose.SLIPS.value,
        school_uai=printing.school.uai,
    ) as out:
        documents = iter((first,)) if second is None else _chain(first, second, piles)
        drawn = draw_documents(documents, sheet=sheet, kind=printing.get_layout_display())
        noted = _note_each(ctx, printing, drawn, printed)
        if second is None:
            out.writelines(pdf for _, pdf in noted)
        else:
            _write_archive(noted, out)
    printing.stored_uuid, printing.size = out.file.uuid, out.file.size
    return printed


#: The name of a document, without its ending, and the people on it.
Document = tuple[str, list[SlipPerson]]


def _chain(first: Document, second: Document, rest: Iterator[Document]) -> Iterator[Document]:
    yield first
    yield second
    yield from rest


def _write_archive(drawn: Iterator[tuple[Document, bytes]], out: FileWriter) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for number, ((name, _), pdf) in enumerate(drawn, start=1):
            archive.writestr(f"{number:02d}-{name}.pdf", pdf)


def _note_each(
    ctx: JobContext,
    printing: SlipPrinting,
    drawn: Iterator[tuple[Document, bytes]],
    printed: dict[int, int],
) -> Iterator[tuple[Document, bytes]]:
    """Pass the documents on, and note the progress and whose codes stand on each."""
    for document, pdf in drawn:
        ctx.check_cancelled()
        _, people = document
        printing.file_count += 1
        printed |= {person.account_id: person.generation for person in people if person.code}
        others = [person.account_id for person in people if person.is_transliterated]
        ctx.result({TRANSLITERATED: [*ctx.outcome.get(TRANSLITERATED, []), *others]})
        printing.code_count = len(printed)
        done = ctx.outcome.get("drawn", 0) + len(people)
        ctx.result({"drawn": done})
        ctx.progress("Mise en page", done=done, total=printing.account_count)
        yield document, pdf


def draw_documents(
    documents: Iterator[Document], *, sheet: SheetHead, kind: str
) -> Iterator[tuple[Document, bytes]]:
    """Draw the documents, two at a time, and yield them with their PDF in the order given.

    *documents* is a cursor: it is read in this thread, `_AT_ONCE` ahead of the consumer at most.
    """
    waiting: deque[tuple[Document, Future[bytes]]] = deque()
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="slips") as pool:
        for name, people in documents:
            drawing = pool.submit(draw, people, sheet=sheet, title=f"{kind} – {name}")
            waiting.append(((name, people), drawing))
            if len(waiting) > _AT_ONCE:
                document, oldest = waiting.popleft()
                yield document, oldest.result()
        for document, drawing in waiting:
            yield document, drawing.result()


def documents_of(people: Iterator[SlipPerson]) -> Iterator[Document]:
    """Cut the people into documents: one a class and a profile, never more than `_MOST_SHEETS`."""
    for (profile, class_code), pile in groupby(people, key=lambda person: person.pile):
        part = 0
        while sheets := list(islice(pile, _MOST_SHEETS)):
            part += 1
            stem = _PILES.get(profile, "autres-comptes")
            name = f"{stem}-{_safe(class_code)}" if class_code else stem
            yield (name if part == 1 else f"{name}-{part}", sheets)


def _safe(code: str) -> str:
    """A class's code in a file's name."""
    return re.sub(r"[^\w-]+", "-", code).strip("-") or "classe"


def _leave_traces(printing: SlipPrinting, printed: Mapping[int, int], now: datetime) -> None:
    """Note on each code that it stands on paper, and in the journal whose slip was printed again.

    A code that was never printed before is handed over now; one that was leaves a reprint. One that
    somebody replaced meanwhile, or that did not open, stands on no sheet and has no trace.
    """
    codes = ActivationCode.objects.select_for_update().filter(account__in=list(printed))
    rows = codes.order_by("pk").values_list("account", "generation", "handed_over_at")
    on_paper = {pk: handed for pk, number, handed in rows if printed[pk] == number}
    first = [pk for pk, handed in on_paper.items() if handed is None]
    again = [pk for pk, handed in on_paper.items() if handed is not None]
    ActivationCode.objects.filter(account__in=first).update(handed_over_at=now)
    for act, accounts in ((SlipAct.PRINTED, first), (SlipAct.REPRINTED, again)):
        people = Person.objects.filter(account__in=accounts)
        record_many(
            act=act,
            subjects=people.values_list("uuid", flat=True),
            actor=printing.requested_by,
            school_uai=printing.school.uai,
            details={"file": printing.stored_uuid},
        )
    record(
        act=AuditAct.FILE_CREATED,
        actor=printing.requested_by,
        school_uai=printing.school.uai,
        details={
            "file": printing.stored_uuid,
            "count": printing.account_count,
            "kind": Purpose.SLIPS.value,
        },
    )
