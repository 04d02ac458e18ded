"""The session engine (`SESSION_ENGINE = "accounts.sessions"`).

A row is found by the SHA-256 of the session key, in this process's realm only. Whether it still
lives is decided at each load: 12 hours at most, 60 minutes without a visit (30 for administrators).
The last visit is written once a minute at most; what a page asks by itself never counts as one.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.enums import Realm
from accounts.models import Account, Session
from accounts.perms import has_administrator_limits
from accounts.services.endings import end_sessions, end_sessions_in_chunks
from directory.models import Person
from ent.prepared import Statement, fetch_one, make_object, statement

ABSOLUTE_LIMIT = timedelta(hours=12)
IDLE_LIMIT = timedelta(minutes=60)
ADMINISTRATOR_IDLE_LIMIT = timedelta(minutes=30)
WRITE_LAST_SEEN_EVERY = timedelta(seconds=60)

DOOR_KEY = "door"
AGENT_KEY = "agent"
SIGN_ON_KEY = "sign_on"
_KEY_BYTES = 25

#: A new session, as a statement or as the end of one that notes what it was opened by.
INSERT_SESSION: Final = """
INSERT INTO accounts_session (key_hash, realm, account_id, sign_on, epoch, created_at, last_seen_at,
    door_code, agent_family, data)
VALUES (%(key_hash)s, %(realm)s, %(account_id)s::bigint, %(sign_on)s::uuid, %(epoch)s::int,
    %(now)s::timestamptz, %(now)s::timestamptz, %(door_code)s, %(agent_family)s, %(data)s::jsonb)
RETURNING true
"""
# By hand and prepared: each sign-in writes one.
_INSERT: Final = statement(INSERT_SESSION)


def hash_key(session_key: str) -> str:
    """Return what the database knows of a session key."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def current_realm() -> Realm:
    """Return the realm of this process."""
    return Realm(getattr(settings, "PREAU_REALM", Realm.PORTAL))


def new_sign_on() -> str:
    """Return the identifier of a new sign-on: 122 random bits, as a session keeps it."""
    return str(uuid.uuid4())


def sign_on_of(request: HttpRequest) -> uuid.UUID | None:
    """Return the sign-on of the request's living session, None for somebody signed out."""
    if not request.user.is_authenticated:
        return None
    if SIGN_ON_KEY not in request.session:  # opened by the version before sign-ons
        request.session[SIGN_ON_KEY] = new_sign_on()
    return uuid.UUID(request.session[SIGN_ON_KEY])


def note_visit(request: HttpRequest) -> None:
    """A person, not a page by itself, asked for something (T-B3)."""
    if isinstance(request.session, SessionStore):
        request.session.touch()


def living_sessions(account: Account) -> QuerySet[Session]:
    """Return the sessions of the account that their next request will find alive."""
    now = timezone.now()
    idle = ADMINISTRATOR_IDLE_LIMIT if has_administrator_limits(account) else IDLE_LIMIT
    return Session.objects.filter(
        account=account,
        realm=current_realm(),
        epoch=account.epoch,
        created_at__gt=now - ABSOLUTE_LIMIT,
        last_seen_at__gt=now - idle,
    )


def is_sign_on_alive(sign_on: uuid.UUID) -> bool:
    """Would the next request of this sign-on find its session alive?

    For what acts without a browser: a row that reached a limit stands until it is swept.
    """
    sessions = Session.objects.filter(sign_on=sign_on, realm=current_realm())
    row = sessions.select_related("account").first()
    if row is None or row.account is None:
        return False
    return row.epoch == row.account.epoch and not _is_over(row)


def _columns(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)  # noqa: SLF001


_SESSION: Final = _columns(Session)
_ACCOUNT: Final = _columns(Account)
_PERSON: Final = _columns(Person)
_DATA: Final = _SESSION.index("data")
# Every page of a signed-in person begins with this statement: it is planned once.
_FIND: Final = statement(f"""
    SELECT {", ".join(f"s.{name}" for name in _SESSION)},
           {", ".join(f"a.{name}" for name in _ACCOUNT)},
           {", ".join(f"p.{name}" for name in _PERSON)}
      FROM accounts_session s
      LEFT JOIN accounts_account a ON a.id = s.account_id
      LEFT JOIN directory_person p ON p.id = a.person_id
     WHERE s.key_hash = %(key_hash)s::text AND s.realm = %(realm)s::text
""")  # noqa: S608 - our own models


def _find(session_key: str) -> Session | None:
    """Return the session of this key in this realm, with its account and person."""
    found = fetch_one(_FIND, {"key_hash": hash_key(session_key), "realm": current_realm().value})
    if found is None:
        return None
    values = list(found[: len(_SESSION)])
    values[_DATA] = json.loads(values[_DATA])
    row = make_object(Session, _SESSION, tuple(values))
    rest = found[len(_SESSION) :]
    account = make_object(Account, _ACCOUNT, rest[: len(_ACCOUNT)])
    if row is not None and account is not None:
        person = make_object(Person, _PERSON, rest[len(_ACCOUNT) :])
        assert person is not None  # noqa: S101 - the column is not null
        account.person = person
        row.account = account
    return row


class SessionStore(SessionBase):
    """Sessions as rows of `accounts.Session`."""

    row: Session | None = None
    _opening: tuple[Statement, Mapping[str, Any]] = (_INSERT, {})

    def insert_by(self, opening: Statement, parameters: Mapping[str, Any]) -> None:
        """Insert the next row by this statement, which ends in `INSERT_SESSION`."""
        self._opening = (opening, parameters)

    def load(self) -> dict[str, Any]:
        """Return the data of a living session of this realm; anything else is an empty one."""
        row = _find(self.session_key or "")
        if row is None:
            self._session_key = None
            return {}
        if _is_over(row):
            end_sessions(sessions=Session.objects.filter(key_hash=row.key_hash))
            self._session_key = None
            return {}
        self.row = row
        return dict(row.data)

    def exists(self, session_key: str) -> bool:
        """Tell whether a row bears this key."""
        return Session.objects.filter(key_hash=hash_key(session_key)).exists()

    def create(self) -> None:
        """Insert a row under a new key; 200 random bits need no look before."""
        self.row = None
        self._session_key = secrets.token_hex(_KEY_BYTES)
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Write the data; the account and its epoch stand in columns of their own."""
        if self.session_key is None:
            self.create()
            return
        data: dict[str, Any] = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        columns = _columns_of(data)
        key_hash = hash_key(self.session_key)
        if must_create:
            # Two keys of 200 random bits are never equal: no savepoint for a clash.
            opening, parameters = self._opening
            self._opening = (_INSERT, {})
            fetch_one(
                opening,
                {
                    **parameters,
                    **columns,
                    "data": json.dumps(data),
                    "key_hash": key_hash,
                    "realm": current_realm().value,
                    "now": timezone.now(),
                },
            )
        elif not Session.objects.filter(key_hash=key_hash).update(**columns):
            raise UpdateError

    def cycle_key(self) -> None:
        """Give the same session another key, in the same row: the former one is dead at once."""
        if not self.session_key:
            self.create()
            return
        data: dict[str, Any] = self._get_session()  # type: ignore[attr-defined]
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
        now = timezone.now()
        if self.row is None or self.row.last_seen_at > now - WRITE_LAST_SEEN_EVERY:
            return
        Session.objects.filter(key_hash=self.row.key_hash, last_seen_at__lt=now).update(
            last_seen_at=now
        )

    @classmethod
    def clear_expired(cls) -> None:
        """End what no request will find alive."""
        now = timezone.now()
        for over in (
            Session.objects.filter(created_at__lt=now - ABSOLUTE_LIMIT),
            Session.objects.filter(last_seen_at__lt=now - IDLE_LIMIT),
        ):
            end_sessions_in_chunks(sessions=over)


def _columns_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return what stands in columns of its own, and the whole.

    Whoever names an account (Django's own `login` too) gets a sign-on.
    """
    account_id = data.get(SESSION_KEY)
    if account_id and SIGN_ON_KEY not in data:
        data[SIGN_ON_KEY] = new_sign_on()
    return {
        "account_id": int(account_id) if account_id else None,
        "sign_on": uuid.UUID(data[SIGN_ON_KEY]) if account_id else None,
        "epoch": int(data.get(HASH_SESSION_KEY) or 0),
        "door_code": data.get(DOOR_KEY, ""),
        "agent_family": data.get(AGENT_KEY, ""),
        "data": data,
    }


def _is_over(row: Session) -> bool:
    """Has the session reached a limit? Roles are read only when they could make the difference."""
    now = timezone.now()
    idle = now - row.last_seen_at
    if now - row.created_at >= ABSOLUTE_LIMIT or idle >= IDLE_LIMIT:
        return True
    if idle < ADMINISTRATOR_IDLE_LIMIT or row.account is None:
        return False
    return has_administrator_limits(row.account)
