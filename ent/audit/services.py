"""Writing the journal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Func, TextChoices, UUIDField, Value
from django.utils import timezone

from ent.audit.enums import Outcome
from ent.audit.models import AuditEvent
from ent.audit.origin import Origin
from ent.audit.vocabulary import is_act, is_detail
from ent.database.read_only import postpone

_LONGEST_TEXT = 100
_LONGEST_LIST = 200
_BATCH = 500

#: One event, as a statement or as a part of one (`WITH event AS (…)`); see `event_parameters`.
INSERT_EVENT = """
INSERT INTO audit_auditevent (uuid, occurred_at, act, outcome, actor_pseudonym, subject_pseudonym,
    school_uai, authority_code, address, door, device, details)
VALUES (%(event_uuid)s::uuid, %(event_at)s::timestamptz, %(event_act)s, %(event_outcome)s,
    audit_pseudonym(%(event_actor)s::uuid), audit_pseudonym(%(event_subject)s::uuid),
    %(event_school)s, %(event_authority)s, %(event_address)s::inet, %(event_door)s,
    %(event_device)s, %(event_details)s::jsonb)
"""


def record(
    *,
    act: TextChoices,
    actor: UUID | None = None,
    subject: UUID | None = None,
    school_uai: str = "",
    authority_code: str = "",
    origin: Origin | None = None,
    outcome: Outcome = Outcome.SUCCESS,
    details: Mapping[str, object] | None = None,
) -> UUID:
    """Write one event in the caller's transaction and return its UUID.

    `actor` and `subject` are the UUIDs of persons; the journal keeps their pseudonyms. Exactly one
    SQL statement, whether the persons are known, new or absent: a page whose answer must take the
    same time for everybody may call it (T-A2). `details` hold identifiers, counts and words of
    closed lists under names that `vocabulary` allows: no personal data, no secret.

    Within `ent.database.read_only` a refusal is left to the caller of the block, who may write it.
    """
    parameters = event_parameters(
        act=act,
        actor=actor,
        subject=subject,
        school_uai=school_uai,
        authority_code=authority_code,
        origin=origin,
        outcome=outcome,
        details=details,
    )
    if outcome != Outcome.REFUSED or not postpone(partial(_insert, parameters)):
        _insert(parameters)
    event_uuid: UUID = parameters["event_uuid"]
    return event_uuid


def _insert(parameters: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT_EVENT, parameters)


def event_parameters(
    *,
    act: TextChoices,
    actor: UUID | None = None,
    subject: UUID | None = None,
    school_uai: str = "",
    authority_code: str = "",
    origin: Origin | None = None,
    outcome: Outcome = Outcome.SUCCESS,
    details: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """Return the parameters of `INSERT_EVENT`, for an act that is one statement with its event.

    The same checks as `record`, and the same rules for what may stand in it.
    """
    if not is_act(act):
        raise ValueError(f"{act!r} is no act of a registered vocabulary")
    origin = origin or Origin()
    return {
        "event_uuid": uuid4(),
        "event_at": timezone.now(),
        "event_act": act.value,
        "event_outcome": Outcome(outcome).value,
        "event_actor": actor,
        "event_subject": subject,
        "event_school": school_uai,
        "event_authority": authority_code,
        "event_address": origin.address,
        "event_door": origin.door,
        "event_device": origin.device,
        "event_details": json.dumps(_checked(details or {})),
    }


def record_many(
    *,
    act: TextChoices,
    subjects: Iterable[UUID],
    actor: UUID | None = None,
    school_uai: str = "",
    authority_code: str = "",
    origin: Origin | None = None,
    outcome: Outcome = Outcome.SUCCESS,
    details: Mapping[str, object] | None = None,
) -> int:
    """Write the same event for each person (a whole class at once); return how many."""
    checked = _checked(details or {})
    events = [
        _event(act, actor, subject, school_uai, authority_code, origin, outcome, checked)
        for subject in subjects
    ]
    AuditEvent.objects.bulk_create(events, batch_size=_BATCH)
    return len(events)


def forget_identities(*, person_uuids: Iterable[UUID]) -> int:
    """Cut the link between erased persons and their lines, which stay, pseudonymous (T-M6).

    The erasure is a line of its own, that the chain holds: an identity that is merely missing was
    taken away by somebody else.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_forget_persons(%s)", [list(person_uuids)])
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def _event(
    act: TextChoices,
    actor: UUID | None,
    subject: UUID | None,
    school_uai: str,
    authority_code: str,
    origin: Origin | None,
    outcome: Outcome,
    details: dict[str, Any],
) -> AuditEvent:
    if not is_act(act):
        raise ValueError(f"{act!r} is no act of a registered vocabulary")
    origin = origin or Origin()
    return AuditEvent(
        uuid=uuid4(),
        act=act.value,
        outcome=Outcome(outcome).value,
        actor_pseudonym=_pseudonym(actor),
        subject_pseudonym=_pseudonym(subject),
        school_uai=school_uai,
        authority_code=authority_code,
        address=origin.address,
        door=origin.door,
        device=origin.device,
        details=details,
    )


def _pseudonym(person_uuid: UUID | None) -> Any:
    """Let the server find or make the pseudonym, within the statement that writes the event.

    Any, because an expression stands where the model declares a UUID.
    """
    return Func(
        Value(person_uuid, output_field=UUIDField()),
        function="audit_pseudonym",
        output_field=UUIDField(),
    )


def _checked(details: Mapping[str, object]) -> dict[str, Any]:
    if bad := [key for key in details if not is_detail(key)]:
        raise ValueError(f"{bad[0]!r}: no vocabulary allows this detail")
    return {key: _checked_value(key, value) for key, value in details.items()}


def _checked_value(key: str, value: object) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        text = str(value)
        if len(text) <= _LONGEST_TEXT and text.isprintable() and "@" not in text:
            return text
    if isinstance(value, list | tuple | set | frozenset) and len(value) <= _LONGEST_LIST:
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        if not any(isinstance(item, list | tuple | set | frozenset) for item in items):
            return [_checked_value(key, item) for item in items]
    raise ValueError(f"detail {key!r}: identifiers, counts and words of closed lists only")
