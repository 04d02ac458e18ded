"""The session engine (`SESSION_ENGINE = "signin.sessions.store"`).

A row is found by the SHA-256 of the session key, in this process's realm only. Whether it still
lives is decided at each load: 12 hours at most, 60 minutes without a visit (30 for those whom the
realm's policy names). The last visit is written once a minute at most; what a page asks by itself
never counts as one.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any, Final

from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import Error
from django.db.models import QuerySet
from django.http import HttpRequest

from ent.database import clock
from ent.database.prepared import Statement, fetch_one, make_object, statement
from ent.outages.causes import Outage, outage_of
from signin.enums import Realm
from signin.realms import Principal, current_realm, realm_policy
from signin.sessions.endings import end_sessions, end_sessions_in_chunks
from signin.sessions.models import Session

ABSOLUTE_LIMIT = timedelta(hours=12)
IDLE_LIMIT = timedelta(minutes=60)
SHORT_IDLE_LIMIT = timedelta(minutes=30)
WRITE_LAST_SEEN_EVERY = timedelta(seconds=60)

PRINCIPAL_KEY = "principal"
EPOCH_KEY = "epoch"
DOOR_KEY = "door"
AGENT_KEY = "agent"
SIGN_ON_KEY = "sign_on"
_KEY_BYTES = 25

#: A new session, as a statement or as the end of one that notes what it was opened by.
INSERT_SESSION: Final = """
INSERT INTO signin_session (key_hash, realm, principal, sign_on, epoch, created_at, last_seen_at,
    door_code, agent_family, data)
VALUES (%(key_hash)s, %(realm)s, %(principal)s::uuid, %(sign_on)s::uuid, %(epoch)s::int,
    %(now)s::timestamptz, %(now)s::timestamptz, %(door_code)s, %(agent_family)s, %(data)s::jsonb)
RETURNING true
"""
# Prepared: each sign-in runs it.
_INSERT: Final = statement(INSERT_SESSION)
_FIELDS: Final = tuple(field.attname for field in Session._meta.concrete_fields)  # noqa: SLF001
_DATA: Final = _FIELDS.index("data")


def hash_key(session_key: str) -> str:
    """Return what the database knows of a session key."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def new_sign_on() -> str:
    """Return the identifier of a new sign-on: 122 random bits, as a session keeps it."""
    return str(uuid.uuid4())


def sign_on_of(request: HttpRequest) -> uuid.UUID | None:
    """Return the sign-on of the request's living session, None for somebody signed out."""
    if not request.user.is_authenticated:
        return None
    return uuid.UUID(request.session[SIGN_ON_KEY])


def note_visit(request: HttpRequest) -> None:
    """Note that a person, not a page that refreshes itself, made this request (T-B3)."""
    if isinstance(request.session, SessionStore):
        request.session.touch()


def living_sessions(principal: Principal) -> QuerySet[Session]:
    """Return the sessions of the principal that their next request will find alive."""
    now = clock.now()
    has_short_limit = realm_policy().has_short_idle_limit(principal)
    return Session.objects.of(current_realm(), principal.uuid).filter(
        epoch=principal.epoch,
        created_at__gt=now - ABSOLUTE_LIMIT,
        last_seen_at__gt=now - (SHORT_IDLE_LIMIT if has_short_limit else IDLE_LIMIT),
    )


def is_sign_on_alive(sign_on: uuid.UUID) -> bool:
    """Would the next request of this sign-on find its session alive?

    For what acts without a browser: a row that reached a limit stands until it is swept.
    """
    realm = current_realm()
    row, principal = _read(_find_by_sign_on(realm), {"sign_on": sign_on, "realm": realm.value})
    if row is None or principal is None:
        return False
    return row.epoch == principal.epoch and not _is_over(row, principal)


def _select(condition: str) -> Statement:
    """Return the query of one session with its principal, as this process's realm reads it."""
    query = realm_policy().principal_query
    columns = (*(f"s.{name}" for name in _FIELDS), *query.columns)
    return statement(f"""
        SELECT {", ".join(columns)} FROM signin_session s {query.joins}
         WHERE {condition} AND s.realm = %(realm)s::text
    """)  # noqa: S608 - our own models, and the realm's own joins


# Each page of a signed-in person runs it: prepared, so that PostgreSQL plans it once.
@cache
def _find_by_key(realm: Realm) -> Statement:
    return _select("s.key_hash = %(key_hash)s::text")


@cache
def _find_by_sign_on(realm: Realm) -> Statement:
    return _select("s.sign_on = %(sign_on)s::uuid")


def _read(
    query: Statement, parameters: Mapping[str, Any]
) -> tuple[Session | None, Principal | None]:
    """Return the session that a `_select` finds, and its principal."""
    found = fetch_one(query, parameters)
    if found is None:
        return None, None
    values = list(found[: len(_FIELDS)])
    values[_DATA] = json.loads(values[_DATA])
    row = make_object(Session, _FIELDS, tuple(values))
    return row, realm_policy().principal_query.build(found[len(_FIELDS) :])


@contextmanager
def _reading_goes_on() -> Iterator[None]:
    """Leave a note unwritten while the database takes no writes: the page itself may need none."""
    try:
        yield
    except Error as failure:
        if outage_of(failure) is not Outage.READ_ONLY:
            raise


class SessionStore(SessionBase):
    """Sessions as rows of `signin.Session`."""

    row: Session | None = None
    """The row as it was loaded."""
    principal: Principal | None = None
    """Who signed in to the session, read with it."""
    _inserted: str | None = None

    def load(self) -> dict[str, Any]:
        """Return the data of a living session of this realm; anything else is an empty one."""
        realm = current_realm()
        parameters = {"key_hash": hash_key(self.session_key or ""), "realm": realm.value}
        row, principal = _read(_find_by_key(realm), parameters)
        if row is None:
            self._session_key = None
            return {}
        if _is_over(row, principal):
            with _reading_goes_on():
                end_sessions(sessions=Session.objects.filter(key_hash=row.key_hash))
            self._session_key = None
            return {}
        self.row, self.principal = row, principal
        return dict(row.data)

    def exists(self, session_key: str) -> bool:
        """Tell whether a row bears this key."""
        return Session.objects.filter(key_hash=hash_key(session_key)).exists()

    def create(self) -> None:
        """Insert a row under a new key; 200 random bits need no look before."""
        self.create_by(_INSERT, {})

    def create_by(self, opening: Statement, parameters: Mapping[str, Any]) -> None:
        """Insert a row under a new key by this statement, which ends in `INSERT_SESSION`.

        The end of the request writes the row again only when its data changed after this.
        """
        self.row = self.principal = None
        self._session_key = secrets.token_hex(_KEY_BYTES)
        data: dict[str, Any] = self._get_session(no_load=True)  # type: ignore[attr-defined]
        columns = _columns_of(data)
        text = json.dumps(data)
        # Two keys of 200 random bits are never equal: no savepoint for a clash.
        fetch_one(
            opening,
            {
                **parameters,
                **columns,
                "data": text,
                "key_hash": hash_key(self._session_key),
                "realm": current_realm().value,
                "now": clock.now(),
            },
        )
        self._inserted = text
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Write the data; the principal and its epoch stand in columns of their own."""
        if self.session_key is None or must_create:
            self.create()
            return
        data: dict[str, Any] = self._get_session()  # type: ignore[attr-defined]
        columns = _columns_of(data)
        if self._inserted is not None and self._inserted == json.dumps(data):
            return
        self._inserted = None
        if not Session.objects.filter(key_hash=hash_key(self.session_key)).update(**columns):
            raise UpdateError

    def cycle_key(self) -> None:
        """Give the same session another key, in the same row: the former one is dead at once."""
        if not self.session_key:
            self.create()
            return
        data: dict[str, Any] = self._get_session()  # type: ignore[attr-defined]
        self._inserted = None
        row = Session.objects.filter(key_hash=hash_key(self.session_key))
        self._session_key = secrets.token_hex(_KEY_BYTES)
        key_hash = hash_key(self._session_key)
        if not row.update(key_hash=key_hash, **_columns_of(data)):
            raise SessionInterrupted("the session ended while its key was being changed")
        if self.row is not None:
            self.row.key_hash = key_hash
        self.modified = True

    def delete(self, session_key: str | None = None) -> None:
        """End the session: its key opens nothing from now on."""
        key = session_key or self.session_key
        if key is not None:
            end_sessions(sessions=Session.objects.filter(key_hash=hash_key(key)))

    def touch(self) -> None:
        """Note the visit of a person, once a minute at most."""
        now = clock.now()
        if self.row is None or self.row.last_seen_at > now - WRITE_LAST_SEEN_EVERY:
            return
        with _reading_goes_on():
            Session.objects.filter(key_hash=self.row.key_hash, last_seen_at__lt=now).update(
                last_seen_at=now
            )

    @classmethod
    def clear_expired(cls) -> None:
        """End what no request of this realm will find alive."""
        now = clock.now()
        own = Session.objects.filter(realm=current_realm())
        for over in (
            own.filter(created_at__lt=now - ABSOLUTE_LIMIT),
            own.filter(last_seen_at__lt=now - IDLE_LIMIT),
        ):
            end_sessions_in_chunks(sessions=over)


def _columns_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return the columns that are copied from the data, and the data.

    Whoever names a principal (Django's own `login` too) gets a sign-on.
    """
    principal = data.get(PRINCIPAL_KEY)
    if principal and SIGN_ON_KEY not in data:
        data[SIGN_ON_KEY] = new_sign_on()
    return {
        "principal": uuid.UUID(principal) if principal else None,
        "sign_on": uuid.UUID(data[SIGN_ON_KEY]) if principal else None,
        "epoch": int(data.get(EPOCH_KEY) or 0),
        "door_code": data.get(DOOR_KEY, ""),
        "agent_family": data.get(AGENT_KEY, ""),
        "data": data,
    }


def _is_over(row: Session, principal: Principal | None) -> bool:
    """Has the session reached a limit? The policy is asked only when it makes the difference."""
    now = clock.now()
    idle = now - row.last_seen_at
    if now - row.created_at >= ABSOLUTE_LIMIT or idle >= IDLE_LIMIT:
        return True
    if idle < SHORT_IDLE_LIMIT or principal is None:
        return False
    return realm_policy().has_short_idle_limit(principal)
