"""The comparison itself, in the worker: lists read, compared and written in one transaction.

Either every line is there and the dry run says so, or nothing is: killed at any moment, it begins
again from the encrypted lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ent.audit.services import record
from ent.files.cipher import FileDamagedError
from ent.files.models import StoredFile
from ent.files.reading import read_file
from ent.jobs.context import JobContext
from ent.jobs.errors import JobFailed
from ent.tabular.reading.grids import ListRefused
from ent.text.folding import fold
from pronote_bridge.dry_run.enums import (
    IdentifierCheck,
    ListColumn,
    ListState,
    Outcome,
    RunState,
)
from pronote_bridge.dry_run.journal import DryRunAct
from pronote_bridge.dry_run.line_keys import header_digest, line_keys
from pronote_bridge.dry_run.matching.comparison import compare
from pronote_bridge.dry_run.matching.people import Owner, Result
from pronote_bridge.dry_run.models import (
    LONGEST_NAME,
    LONGEST_TITLE,
    ColumnMapping,
    DryRun,
    DryRunLine,
    DryRunList,
    HandPairing,
)
from pronote_bridge.dry_run.perms import may_still_compare
from pronote_bridge.dry_run.reading.headers import Columns, has_names, header_key
from pronote_bridge.dry_run.reading.lists import FoundList, ListLine, find_list, read_lines
from pronote_bridge.enums import Extra, ListKind
from pronote_bridge.instances.models import Instance
from pronote_bridge.population.members import Member, members_of
from sso.release.models import ServiceIdentifier

_BATCH: Final = 1_000
_RIGHT_WITHDRAWN: Final = (
    "Vous n’avez plus le droit de comparer les listes de cette instance. Rien n’a été fait."
)
_GONE: Final = "Les listes ne sont plus là. Déposez-les de nouveau."


def compare_lists(ctx: JobContext) -> None:
    """Compare the lists of the dry run that the job names; one that is done is left alone."""
    with transaction.atomic():
        dry_run = (
            DryRun.objects.select_for_update(of=("self",))
            .select_related("instance__key_school")
            .filter(uuid=UUID(ctx.params["run"]))
            .first()
        )
        if dry_run is None or dry_run.state != RunState.WAITING:
            return
        _check_right(ctx, dry_run.instance)
        sources = {ListKind(source.kind): source for source in dry_run.lists.all()}
        lists = _read_all(ctx, dry_run.instance, sources)
        ctx.progress("Lecture de l’annuaire")
        ctx.check_cancelled()
        members = [_as_written(member, dry_run.instance) for member in members_of(dry_run.instance)]
        ctx.progress("Comparaison", done=0, total=sum(map(len, lists.values())))
        results = compare(lists, members, _owners(dry_run.instance, lists))
        _write(ctx, dry_run, sources, results, members)
        _check_right(ctx, dry_run.instance)
        dry_run.state, dry_run.finished_at = RunState.READY, timezone.now()
        dry_run.save(update_fields=["state", "finished_at"])
        record(
            act=DryRunAct.COMPARED,
            actor=ctx.actor,
            school_uai=dry_run.instance.key_school.uai,
            details={
                "instance": dry_run.instance.uuid,
                "count": sum(map(len, lists.values())),
            },
        )


def _check_right(ctx: JobContext, instance: Instance) -> None:
    if ctx.actor is None or not may_still_compare(ctx.actor, instance):
        raise JobFailed(_RIGHT_WITHDRAWN)


def _read_all(
    ctx: JobContext, instance: Instance, sources: Mapping[ListKind, DryRunList]
) -> dict[ListKind, list[ListLine]]:
    """Read every list; one that cannot be read says why on its row, and the others go on."""
    lists = {}
    for kind, source in sources.items():
        ctx.progress(f"Lecture de la liste «\u00a0{kind.label}\u00a0»")
        ctx.check_cancelled()
        source.state, source.problem, source.samples = ListState.COMPARED, "", []
        try:
            lines = _read(instance, kind, source)
        except ListRefused as refusal:
            source.state = ListState.REFUSED
            source.problem = f"«\u00a0{source.file_name}\u00a0», {refusal}"[:300]
        else:
            if lines is not None:
                lists[kind] = lines
    return lists


def _read(instance: Instance, kind: ListKind, source: DryRunList) -> list[ListLine] | None:
    """Return the lines of a list, None when somebody has to say first what its columns hold."""
    found = find_list(_content(source), kind)
    digest = header_digest(header_key(found.header.cells))
    columns = _remembered(instance, kind, digest, len(found.columns)) or found.columns
    source.header_line = found.header.number
    source.header = [cell[:LONGEST_TITLE] for cell in found.header.cells]
    source.header_digest = digest
    source.columns = [column or "" for column in columns]
    source.samples = _samples(found)
    if not has_names(columns):
        source.state = ListState.UNCLEAR
        return None
    return read_lines(found, columns, today=timezone.localdate())


def _content(source: DryRunList) -> bytes:
    stored = StoredFile.objects.alive().filter(uuid__in=[source.stored_uuid]).first()
    if stored is None:
        raise JobFailed(_GONE)
    try:
        return b"".join(read_file(stored))
    except FileDamagedError:
        raise JobFailed(_GONE) from None


def _remembered(instance: Instance, kind: ListKind, digest: bytes, width: int) -> Columns | None:
    """Return what somebody said once of these titles."""
    mapping = ColumnMapping.objects.filter(
        instance=instance, kind=kind, header_digest=digest
    ).first()
    if mapping is None or len(mapping.columns) != width:
        return None
    return tuple(ListColumn(column) if column else None for column in mapping.columns)


def _samples(found: FoundList) -> list[list[str]]:
    return [found.samples(column) for column in range(len(found.columns))]


def _as_written(member: Member, instance: Instance) -> Member:
    """Return a member with the birth date that the file gives: only some lists have it."""
    is_given = member.kind == ListKind.PUPILS or (
        member.kind == ListKind.TEACHERS and Extra.TEACHER_BIRTH_DATE in instance.extras
    )
    return member if is_given else replace(member, birth_date=None)


def _owners(instance: Instance, lists: Mapping[ListKind, Sequence[ListLine]]) -> dict[str, Owner]:
    """Return whose the identifiers of the lists are or were in the instance's service."""
    values = {line.identifier.lower() for lines in lists.values() for line in lines}
    found = ServiceIdentifier.objects.filter(
        service=instance.service_id, value__in=values - {""}
    ).select_related("person")
    return {
        identifier.value: Owner(
            person_id=identifier.person_id,
            is_current=identifier.is_current,
            family_name=identifier.person.family_name,
            given_name=identifier.person.given_name,
            birth_date=identifier.person.birth_date,
        )
        for identifier in found
    }


def _write(
    ctx: JobContext,
    dry_run: DryRun,
    sources: Mapping[ListKind, DryRunList],
    results: Mapping[ListKind, Sequence[Result]],
    members: Sequence[Member],
) -> None:
    """Write the lines of every list, and the numbers that stay when they are gone."""
    DryRunLine.objects.of_run(dry_run).delete()
    for kind, source in sources.items():
        found = results.get(kind, [])
        ours = {member.person_id for member in members if member.kind == kind}
        source.counts = _counts(found, ours)
        source.save()
        ctx.progress("Écriture des lignes", done=0, total=len(found))
        ctx.check_cancelled()
        met = {result.person_id for result in found}
        pairings = _pairings(dry_run.instance, kind, ours - met)
        keys = line_keys(kind, [result.line for result in found])
        DryRunLine.objects.bulk_create(
            [_line(source, result, key, pairings) for result, key in zip(found, keys, strict=True)],
            batch_size=_BATCH,
        )


def _counts(results: Sequence[Result], ours: set[int]) -> dict[str, int]:
    outcomes = Counter(result.outcome for result in results)
    met = {result.person_id for result in results}
    return {
        "lignes": len(results),
        **{outcome.value: outcomes[outcome] for outcome in Outcome},
        "identifiants": sum(
            result.check not in {IdentifierCheck.NONE, IdentifierCheck.OURS} for result in results
        ),
        "absents": len(ours - met) if results else 0,
    }


def _pairings(instance: Instance, kind: ListKind, ours: set[int]) -> dict[bytes, HandPairing]:
    """Return the pairs made by hand whose person is one of *ours*, by the key of their line.

    They are the people of the file whom Pronote pairs with no line by itself.
    """
    kept = HandPairing.objects.of_list(instance, kind).filter(person__in=ours)
    return {bytes(pairing.line_key): pairing for pairing in kept}


def _line(
    source: DryRunList,
    result: Result,
    key: bytes | None,
    pairings: Mapping[bytes, HandPairing],
) -> DryRunLine:
    line = result.line
    is_open = result.outcome != Outcome.MATCHED
    return DryRunLine(
        source=source,
        number=line.number,
        name=line.name[:LONGEST_NAME],
        birth_date=line.birth_date,
        class_name=line.class_name[:60],
        relatives=", ".join((*line.guardians, *line.children))[:300],
        identifier=line.identifier[:100],
        search_key=fold(f"{line.name} {line.class_name}")[:300],
        line_key=key,
        outcome=result.outcome,
        reason=result.reason,
        is_exact=result.is_exact,
        identifier_check=result.check,
        person_id=result.person_id,
        owner_id=result.owner_id,
        proposals=list(result.proposals),
        pairing=pairings.get(key) if is_open and key is not None else None,
    )
