"""The two statements of one try at a local door: before its hash, and after it.

What has to be true at once is one statement: the door is open, the form's ticket is used, the
account found with what waits for it, the address judged and the try counted; then the failure is
noted with its event in the journal, or the success with its event and its session. Every kind of
account costs the same (T-A2), and two statements are what leaves the machine to the hash
(`docs/performance.md`). Only the second commit waits for the disk; it flushes the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from django.http import HttpRequest
from django.utils import timezone

from accounts.account.models import Account
from accounts.activation.models import ActivationCode
from accounts.doors.base import standard as doors
from accounts.doors.base.models import Door
from accounts.session_ends import journal
from accounts.sign_in.opening import NOTE_SIGN_IN
from accounts.steps import pending
from accounts.steps.pending import PendingSteps
from directory.models import Person, School
from ent.audit.origin import Origin
from ent.audit.services import INSERT_EVENT
from ent.database.prepared import (
    FLUSHED_LATER,
    fetch_one,
    fields_of,
    make_object,
    statement,
)
from signin.form_tickets.using import REFUSE_TICKET, use_ticket_query
from signin.sessions.store import INSERT_SESSION, SessionStore
from signin.throttle import services as throttle

# What a sign-in reads of the rows, keys first; any other field is read when somebody asks for it.
_ACCOUNT: Final = fields_of(
    Account,
    *("id", "uuid", "password", "person_id", "login", "kind", "state", "must_choose_password"),
    *("code_generation", "epoch", "is_operator"),
)
_PERSON: Final = fields_of(
    Person,
    *("id", "uuid", "profile", "given_name", "family_name", "main_school_id", "left_at"),
)
_SCHOOL: Final = fields_of(School, "id", "uuid", "uai", "authority_id", "is_active")
_CODE: Final = fields_of(ActivationCode, "account_id", "generation", "verifier", "expires_at")


def _select(alias: str, fields: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{field}" for field in fields)


_PENDING_COLUMNS: Final = ("text_id", "is_accepted", "has_application", "is_bound")
_PENDING: Final = pending.pending_steps_query(
    account="a.id", principal="a.uuid", person="p.id", authority="s.authority_id"
)

# A ticket that was used counts nothing, nor does a try where no password is asked for; and what
# counts nothing looks for no account, whose existence its time would tell. The device is proved by
# its cookie, and only for the account that the login names.
_BEGIN: Final = statement(f"""
WITH door AS (
    SELECT {_select("d", doors.COLUMNS)} FROM accounts_door d WHERE d.code = %(door)s::text
), open AS (
    SELECT FROM door d WHERE {doors.ASKS_FOR_PASSWORD}
), ticket AS ({use_ticket_query(condition="EXISTS (SELECT FROM open)")}), found AS (
    SELECT a.uuid AS account_uuid, pending.*, {_select("a", _ACCOUNT)},
        {_select("p", _PERSON)}, {_select("s", _SCHOOL)}, {_select("c", _CODE)}
    FROM accounts_account a
    JOIN directory_person p ON p.id = a.person_id
    LEFT JOIN directory_school s ON s.id = p.main_school_id
    LEFT JOIN accounts_activationcode c ON c.account_id = a.id
    CROSS JOIN LATERAL ({_PENDING}) AS pending ({", ".join(_PENDING_COLUMNS)})
    WHERE a.login = %(typed)s AND EXISTS (SELECT FROM open)
        AND (%(ticket)s::bytea IS NULL OR EXISTS (SELECT FROM ticket))
), known AS (
    SELECT device.key FROM found
    JOIN unnest(%(device_accounts)s::uuid[], %(device_keys)s::bytea[]) AS device (account, key)
        ON device.account = found.account_uuid
), asked AS (
    SELECT coalesce((SELECT key FROM known), %(login)s::bytea) AS key,
        EXISTS (SELECT FROM known) AS is_device,
        EXISTS (SELECT FROM open)
            AND (%(ticket)s::bytea IS NULL OR EXISTS (SELECT FROM ticket)) AS is_counted
), {throttle.ADMISSION}
SELECT asked.is_counted, {throttle.ADMISSION_COLUMNS}, {FLUSHED_LATER}, door.*, found.*
FROM asked CROSS JOIN admission LEFT JOIN door ON true LEFT JOIN found ON true
""")  # noqa: S608 - our own constants

_SUCCESS: Final = f"WITH {throttle.SUCCESS}, noted AS ({NOTE_SIGN_IN})"
_SUCCEED: Final = statement(f"{_SUCCESS} {INSERT_EVENT} RETURNING {FLUSHED_LATER}")
_SUCCEED_AND_OPEN: Final = statement(f"{_SUCCESS}, event AS ({INSERT_EVENT}) {INSERT_SESSION}")
_FAIL: Final = statement(
    f"WITH {throttle.FAILURE}, refused AS ({REFUSE_TICKET}) {INSERT_EVENT} RETURNING id"
)

_RULE_COLUMNS: Final = 6  # the ticket's, the admission's, that of the flush
_FIRST_OF_FOUND: Final = _RULE_COLUMNS + len(doors.COLUMNS)
_FIRST_OF_ACCOUNT: Final = _FIRST_OF_FOUND + 1 + len(_PENDING_COLUMNS)  # after its UUID's name


@dataclass(frozen=True, kw_only=True, slots=True)
class TryStart:
    """What is known before the hash: whose login it is, and whether the try may be evaluated."""

    door: Door | None
    is_ticket_fresh: bool
    account: Account | None
    pending: PendingSteps | None
    source: throttle.Source
    admission: throttle.Admission
    ticket: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class TrySuccess:
    """What there is to note of a success: once, by itself or with the session that it opens."""

    parameters: Mapping[str, Any]


def begin_try(
    *,
    door_code: str,
    login: str,
    counted_as: str,
    address_group: str,
    devices: Mapping[str, str],
    ticket: bytes | None,
) -> TryStart:
    """Find the door and the account, use the ticket and count the try: one statement.

    Where the door asks for no password, no ticket is used and nothing is counted. *counted_as* is
    what was typed when it cannot be a login. Without *ticket* none is asked for.
    """
    now = timezone.now()
    unknown = throttle.source_of(login=counted_as, address_group=address_group)
    keys = {
        account: throttle.device_key(unknown.login, device_id)
        for account, device_id in devices.items()
    }
    row = fetch_one(
        _BEGIN,
        {
            **throttle.admission_parameters(unknown, now=now),
            **pending.PARAMETERS,
            "door": door_code,
            "ticket": ticket,
            "typed": login,
            "device_accounts": list(keys),
            "device_keys": list(keys.values()),
        },
    )
    if row is None:
        raise RuntimeError("an admission always has its row")
    is_ticket_fresh, *rule, _ = row[:_RULE_COLUMNS]
    account = account_of_row(row[_FIRST_OF_ACCOUNT:])
    device = keys.get(account.uuid.hex) if account is not None else None
    return TryStart(
        door=make_object(Door, doors.COLUMNS, row[_RULE_COLUMNS:_FIRST_OF_FOUND]),
        is_ticket_fresh=is_ticket_fresh,
        account=account,
        pending=PendingSteps.of_row(*row[_FIRST_OF_FOUND + 1 : _FIRST_OF_ACCOUNT])
        if account
        else None,
        source=throttle.Source(login=unknown.login, address=unknown.address, device=device),
        admission=throttle.Admission.of_row(*rule, now=now),
        ticket=ticket,
    )


def success_of(
    *, account: Account, start: TryStart, origin: Origin, mode: str, is_signed_in: bool
) -> TrySuccess:
    """Return what `note_success` or the new session writes."""
    now = timezone.now()
    return TrySuccess(
        parameters={
            **throttle.success_parameters(start.source, start.admission, now=now),
            **journal.signed_in_parameters(account, origin=origin, mode=mode),
            "account": account.pk,
            "door": origin.door,
            "is_signed_in": is_signed_in,
        }
    )


def note_success(success: TrySuccess) -> None:
    """Take the owner's tries back, note the sign-in and write its event: one statement."""
    fetch_one(_SUCCEED, success.parameters)


def note_success_with_session(request: HttpRequest, success: TrySuccess) -> None:
    """Note the success as `note_success`, and insert the request's new session: one statement."""
    store = cast("SessionStore", request.session)
    store.create_by(_SUCCEED_AND_OPEN, success.parameters)


def note_failure(*, start: TryStart, origin: Origin) -> None:
    """Note the wrong try, write its event and end its form: one statement, for every login."""
    fetch_one(
        _FAIL,
        {
            **throttle.failure_parameters(start.source, now=timezone.now()),
            "ticket": start.ticket,
            **journal.failed_try_parameters(start.account, origin=origin),
        },
    )


def account_of_row(values: tuple[Any, ...]) -> Account | None:
    """Return the account with its person, school and code as the statement read them."""
    ends = [len(_ACCOUNT), len(_ACCOUNT) + len(_PERSON), -len(_CODE)]
    account = make_object(Account, _ACCOUNT, values[: ends[0]])
    if account is None:
        return None
    person = make_object(Person, _PERSON, values[ends[0] : ends[1]])
    if person is not None:
        person.main_school = make_object(School, _SCHOOL, values[ends[1] : ends[2]])
        account.person = person
    code = make_object(ActivationCode, _CODE, values[ends[2] :])
    # "None was found" is kept too: asking for the code costs no statement (T-A2).
    Account._meta.get_field("activation_code").set_cached_value(account, code)  # noqa: SLF001
    return account
