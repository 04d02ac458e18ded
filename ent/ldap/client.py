"""Talking with an LDAP server: the only module that knows python-ldap.

python-ldap is an optional extra (`requirements/ldap.txt`): it is imported when a server is talked
to, and `LdapFault.NO_CLIENT` says that it lacks. Every call ends at the deadline of its settings.
"""

from __future__ import annotations

import atexit
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final, TypeVar

from django.views.decorators.debug import sensitive_variables

from ent.web.deadline import Sockets, run_within

_T = TypeVar("_T")
PAGE_SIZE: Final = 1000
_KEPT_CONNECTIONS: Final = 4
"""How many idle connections a process keeps for one server."""
_CONNECT_SECONDS: Final = 2.0


class LdapFault(Enum):
    """Why a directory gave no answer that counts."""

    NO_CLIENT = "no-client"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    READER_REFUSED = "reader-refused"
    NO_BASE = "no-base"
    TOO_MANY = "too-many"
    BROKEN = "broken"


class LdapError(Exception):
    """The directory gave no answer; the text never quotes a value."""

    def __init__(self, fault: LdapFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Proof(Enum):
    """What a bind with a typed password says (password policy of draft-behera, as OpenLDAP has)."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    """Right, but too old: the server lets nobody in with it."""
    MUST_CHANGE = "must-change"
    """Right, but an administrator's: it serves only to choose another one."""
    LAST_TIMES = "last-times"
    """Right and too old: the server still accepts it a few times."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LdapSettings:
    """How a directory is reached. Servers are tried in order, `ldaps://` or `ldap://`."""

    servers: tuple[str, ...]
    base: str
    reader_dn: str = ""
    reader_password: str = field(default="", repr=False)
    authorities: str = ""
    """Certificates of the authorities that sign the servers', in PEM; "" for the machine's own."""
    deadline_seconds: float = 4.0


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Entry:
    """One entry; names of attributes are in lower case, values that are no text are left out."""

    dn: str
    values: Mapping[str, tuple[str, ...]]

    def first(self, name: str) -> str:
        """Return the first value of an attribute, "" when there is none."""
        return next(iter(self.values.get(name.lower(), ())), "")


def equals(attribute: str, value: str) -> str:
    """Return the filter « attribute = value », in which every character of the value is literal.

    RFC 4515: all but letters, digits and a few signs are written as the bytes of their UTF-8.
    """
    plain = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._@")
    literal = "".join(
        char if char in plain else "".join(f"\\{byte:02x}" for byte in char.encode())
        for char in value
    )
    return f"({attribute}={literal})"


def either(*filters: str) -> str:
    """Return the filter that holds when one of these does."""
    return filters[0] if len(filters) == 1 else f"(|{''.join(filters)})"


class LdapConnection:
    """One connection, bound as the reader unless somebody's password was just proved on it."""

    def __init__(self, settings: LdapSettings, server: str, until: float) -> None:
        self._ldap = _python_ldap()
        self._settings = settings
        self.until = until
        self._is_reader = False
        self._handle = self._open(server)

    def _open(self, server: str) -> Any:
        ldap = self._ldap
        handle = ldap.initialize(server)
        handle.set_option(ldap.OPT_REFERRALS, 0)
        handle.set_option(ldap.OPT_NETWORK_TIMEOUT, min(_CONNECT_SECONDS, self._left()))
        handle.set_option(ldap.OPT_TIMEOUT, self._left())
        handle.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
        if self._settings.authorities:
            handle.set_option(
                ldap.OPT_X_TLS_CACERTFILE, _file_of_authorities(self._settings.authorities)
            )
        handle.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
        with self._translated():
            if server.startswith("ldap://"):
                handle.start_tls_s()
        return handle

    def _left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise LdapError(LdapFault.TIMEOUT)
        return left

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the client's errors into ours; the originals may quote a DN."""
        ldap = self._ldap
        try:
            yield
        except ldap.LDAPError as error:
            raise LdapError(_fault_of(ldap, error)) from None

    def read_as_reader(self) -> None:
        """Bind as the account that searches."""
        if self._is_reader:
            return
        ldap = self._ldap
        with self._translated():
            try:
                number = self._handle.simple_bind(
                    self._settings.reader_dn, self._settings.reader_password
                )
                self._handle.result3(number, timeout=self._left())
            except (ldap.INVALID_CREDENTIALS, ldap.UNWILLING_TO_PERFORM, ldap.INAPPROPRIATE_AUTH):
                raise LdapError(LdapFault.READER_REFUSED) from None
        self._is_reader = True

    def find(self, wanted: str, attributes: tuple[str, ...], *, most: int) -> list[Entry]:
        """Return the entries below the base that the filter holds for, *most* + 1 at most."""
        self.read_as_reader()
        ldap = self._ldap
        with self._translated():
            number = self._handle.search_ext(
                self._settings.base,
                ldap.SCOPE_SUBTREE,
                wanted,
                list(attributes),
                sizelimit=most + 1,
            )
            found: list[Entry] = []
            try:
                for raw in self._results(number):
                    found.append(raw)
            except ldap.SIZELIMIT_EXCEEDED:
                if len(found) <= most:
                    raise LdapError(LdapFault.TOO_MANY) from None
            return found

    def _results(self, number: int) -> Iterator[Entry]:
        """The entries of one search as they arrive; referrals are not followed."""
        while True:
            kind, data, *_ = self._handle.result3(number, all=0, timeout=self._left())
            for dn, values in data:
                if dn is not None:
                    yield Entry(dn=dn, values=_texts(values))
            if kind == self._ldap.RES_SEARCH_RESULT:
                return

    def exists(self, dn: str) -> bool:
        """Does the reader see an entry of this name?"""
        self.read_as_reader()
        ldap = self._ldap
        try:
            with self._translated():
                number = self._handle.search_ext(dn, ldap.SCOPE_BASE, "(objectClass=*)", ["1.1"])
                return any(True for _ in self._results(number))
        except LdapError as error:
            if error.fault == LdapFault.NO_BASE:
                return False
            raise

    def pages(self, wanted: str, attributes: tuple[str, ...]) -> Iterator[list[Entry]]:
        """Read everything that the filter holds for, a page at a time.

        A limit, an outage or a refusal in the middle is an error, never a short answer.
        """
        from ldap.controls import SimplePagedResultsControl

        self.read_as_reader()
        ldap = self._ldap
        control = SimplePagedResultsControl(criticality=True, size=PAGE_SIZE, cookie="")
        while True:
            page: list[Entry] = []
            with self._translated():
                try:
                    number = self._handle.search_ext(
                        self._settings.base,
                        ldap.SCOPE_SUBTREE,
                        wanted,
                        list(attributes),
                        serverctrls=[control],
                    )
                    _, data, _, controls = self._handle.result3(number, timeout=self._left())
                except (ldap.SIZELIMIT_EXCEEDED, ldap.ADMINLIMIT_EXCEEDED):
                    raise LdapError(LdapFault.TOO_MANY) from None
                page = [Entry(dn=dn, values=_texts(raw)) for dn, raw in data if dn is not None]
            yield page
            answers = [c for c in controls if c.controlType == control.controlType]
            if not answers or not answers[0].cookie:
                return
            control.cookie = answers[0].cookie

    @sensitive_variables("secret")
    def prove(self, dn: str, secret: str) -> Proof:
        """Bind as somebody; an empty password is refused before (RFC 4513, 5.1.2)."""
        from ldap.controls import DecodeControlTuples
        from ldap.controls.ppolicy import PasswordPolicyControl, PasswordPolicyError

        if not dn or not secret or "\0" in secret:
            return Proof.WRONG
        ldap = self._ldap
        self._is_reader = False
        with self._translated():
            try:
                number = self._handle.simple_bind(dn, secret, serverctrls=[PasswordPolicyControl()])
                *_, controls = self._handle.result3(number, timeout=self._left())
                is_right = True
            except (ldap.INVALID_CREDENTIALS, ldap.INAPPROPRIATE_AUTH) as error:
                said = error.args[0] if error.args else {}
                controls = DecodeControlTuples(said.get("ctrls", []))
                is_right = False
        policy = next((c for c in controls if isinstance(c, PasswordPolicyControl)), None)
        problem = getattr(policy, "error", None)
        expired = PasswordPolicyError.namedValues["passwordExpired"]
        must_change = PasswordPolicyError.namedValues["changeAfterReset"]
        if not is_right:
            return Proof.EXPIRED if problem is not None and int(problem) == expired else Proof.WRONG
        if problem is not None and int(problem) == must_change:
            return Proof.MUST_CHANGE
        if policy is not None and policy.graceAuthNsRemaining is not None:
            return Proof.LAST_TIMES
        return Proof.RIGHT

    def greet(self, *, as_reader: bool) -> None:
        """Make the first exchange: python-ldap connects with it."""
        if as_reader:
            self.read_as_reader()
            return
        ldap = self._ldap
        with self._translated():
            number = self._handle.search_ext("", ldap.SCOPE_BASE, "(objectClass=*)", ["1.1"])
            self._handle.result3(number, timeout=self._left())

    def close(self) -> None:
        """Say goodbye; a connection that is broken already is let go."""
        with suppress(Exception):
            self._handle.unbind_s()


def ask(
    settings: LdapSettings, talk: Callable[[LdapConnection], _T], *, proves: bool = False
) -> _T:
    """Return what the talk returns, on a connection that the process keeps for the next one.

    The talk runs in a thread that is left at the deadline: nothing else bounds a name's lookup.
    Proofs have connections of their own: the reader's stay bound as the reader. A kept connection
    that the server closed meanwhile is replaced once.
    """

    def run() -> _T:
        until = time.monotonic() + settings.deadline_seconds
        kept = _take_kept(settings, proves, until)
        if kept is not None:
            try:
                answer = talk(kept)
            except LdapError as error:
                kept.close()
                if error.fault not in (LdapFault.UNREACHABLE, LdapFault.TLS):
                    raise
            else:
                _keep(settings, proves, kept)
                return answer
        fresh = _open_first(settings, until, proves=proves)
        try:
            answer = talk(fresh)
        except BaseException:
            fresh.close()
            raise
        _keep(settings, proves, fresh)
        return answer

    try:
        return run_within(settings.deadline_seconds + 0.5, run, sockets=Sockets())
    except TimeoutError:
        raise LdapError(LdapFault.TIMEOUT) from None


@contextmanager
def reading(settings: LdapSettings, *, seconds: float) -> Iterator[LdapConnection]:
    """Lend a connection of its own to long work, bound as the reader."""
    connection = _open_first(settings, time.monotonic() + seconds, proves=False)
    try:
        yield connection
    finally:
        connection.close()


_lock = threading.Lock()
_kept: dict[tuple[LdapSettings, bool], list[LdapConnection]] = {}
_files: dict[str, str] = {}


def forget_connections() -> None:
    """Close every connection that this process keeps."""
    with _lock:
        for connections in _kept.values():
            for connection in connections:
                connection.close()
        _kept.clear()


atexit.register(forget_connections)


def _take_kept(settings: LdapSettings, proves: bool, until: float) -> LdapConnection | None:
    with _lock:
        waiting = _kept.get((settings, proves))
        taken = waiting.pop() if waiting else None
    if taken is not None:
        taken.until = until
    return taken


def _keep(settings: LdapSettings, proves: bool, connection: LdapConnection) -> None:
    with _lock:
        waiting = _kept.setdefault((settings, proves), [])
        if len(waiting) < _KEPT_CONNECTIONS:
            waiting.append(connection)
            return
    connection.close()


def _open_first(settings: LdapSettings, until: float, *, proves: bool) -> LdapConnection:
    """Connect to the first server that answers; the last one's fault stands for all."""
    last = LdapError(LdapFault.UNREACHABLE)
    for number, server in enumerate(settings.servers):
        left = len(settings.servers) - number
        share = time.monotonic() + (until - time.monotonic()) / left
        connection = None
        try:
            connection = LdapConnection(settings, server, share)
            connection.greet(as_reader=not proves)
        except LdapError as error:
            if connection is not None:
                connection.close()
            if error.fault == LdapFault.NO_CLIENT:
                raise
            last = error
            continue
        connection.until = until
        return connection
    raise last


def _python_ldap() -> Any:
    try:
        import ldap
    except ImportError:
        raise LdapError(LdapFault.NO_CLIENT) from None
    return ldap


def _fault_of(ldap: Any, error: Exception) -> LdapFault:
    if isinstance(error, ldap.TIMEOUT | ldap.TIMELIMIT_EXCEEDED):
        return LdapFault.TIMEOUT
    if isinstance(error, ldap.NO_SUCH_OBJECT | ldap.INVALID_DN_SYNTAX):
        return LdapFault.NO_BASE
    if isinstance(error, ldap.SERVER_DOWN | ldap.CONNECT_ERROR):
        said = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        words = str(said.get("info", "")).lower()
        is_tls = any(word in words for word in ("certificate", "tls", "handshake", "ssl"))
        return LdapFault.TLS if is_tls else LdapFault.UNREACHABLE
    return LdapFault.BROKEN


def _texts(values: Mapping[str, list[bytes]]) -> dict[str, tuple[str, ...]]:
    """Decode the values; one that is not UTF-8 is left out."""
    read: dict[str, tuple[str, ...]] = {}
    for name, raw in values.items():
        texts = []
        for value in raw:
            with suppress(UnicodeDecodeError):
                texts.append(value.decode())
        read[name.partition(";")[0].lower()] = tuple(texts)
    return read


def _file_of_authorities(pem: str) -> str:
    """Return a file of this process that holds the certificates: the client reads files only."""
    with _lock:
        if pem not in _files:
            with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as stream:
                stream.write(pem)
            _files[pem] = stream.name
            atexit.register(Path(stream.name).unlink, missing_ok=True)
        return _files[pem]
