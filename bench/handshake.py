"""The sign-on handshake: session → ticket → validation, ours next to django-cas-server.

Same PostgreSQL, same gunicorn settings, one after the other three times; the CPU is that of the web
processes and of the database's together, read from /proc.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.lines import Line, percentile
from bench.stage import ROOT, environment
from bench.visits import SERVICE, Visit, run

CLIENTS = 8
_EACH = 40
_ROUNDS = 3
_PASSWORD = "un banc sous le preau"
_DOOR = "banc-cas"
_PEER_DATABASE = "preau_bench_peer"
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Measure:
    """One round on one server."""

    rate: float
    web_ms: float
    database_ms: float
    p95_ms: float

    @property
    def cpu_ms(self) -> float:
        """CPU of one handshake, web and database together."""
        return self.web_ms + self.database_ms


def measure_handshake() -> list[Line]:
    """CPU, rate and p95 of ours, beside the peer's in the same run."""
    _prepare_ours()
    with _served(_our_command(), environment()) as ours:
        our_visits = _signed_in(ours.port, f"/connexion/{_DOOR}/")
        with _peer() as peer:
            peer_visits = _signed_in(peer.port, "/cas/login") if peer is not None else []
            our_rounds, peer_rounds = [], []
            for _ in range(_ROUNDS):
                our_rounds.append(_measure(ours, our_visits))
                if peer is not None:
                    peer_rounds.append(_measure(peer, peer_visits))
    return _lines(_median(our_rounds), _median(peer_rounds) if peer_rounds else None)


def _lines(ours: Measure, peer: Measure | None) -> list[Line]:
    lines = [
        Line(
            work=f"handshake, {CLIENTS} clients: p95",
            peer=f"{peer.p95_ms:.0f} ms" if peer else "",
            ours=f"{ours.p95_ms:.0f} ms",
            compare=ours.p95_ms,
            compare_unit="ms",
            goal=50,
            at_least=False,
        )
    ]
    if peer is None:
        return lines
    return [
        Line(
            work="handshake: CPU, web and database",
            peer=f"{peer.web_ms:.1f} + {peer.database_ms:.1f} ms",
            ours=f"{ours.web_ms:.1f} + {ours.database_ms:.1f} ms",
            compare=ours.cpu_ms / peer.cpu_ms,
            goal=0.5,
            at_least=False,
        ),
        Line(
            work=f"handshake, {CLIENTS} clients: rate",
            peer=f"{peer.rate:.0f} /s",
            ours=f"{ours.rate:.0f} /s",
            compare=ours.rate / peer.rate,
            goal=2,
        ),
        *lines,
    ]


def _median(rounds: list[Measure]) -> Measure:
    return Measure(
        rate=statistics.median(one.rate for one in rounds),
        web_ms=statistics.median(one.web_ms for one in rounds),
        database_ms=statistics.median(one.database_ms for one in rounds),
        p95_ms=statistics.median(one.p95_ms for one in rounds),
    )


def _measure(server: Server, visits: list[Visit]) -> Measure:
    run(visits, 3)  # warm
    web, before = server.web_cpu(), server.database_cpu()
    seconds, times = run(visits, _EACH)
    count = len(times)
    # A connection closed meanwhile (a minute old) takes its CPU with it: those that are left count.
    database = sum(cpu - before.get(pid, 0.0) for pid, cpu in server.database_cpu().items())
    return Measure(
        rate=count / seconds,
        web_ms=(server.web_cpu() - web) * 1000 / count,
        database_ms=database * 1000 / count,
        p95_ms=percentile(times, 0.95) * 1000,
    )


# --- servers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Server:
    """A running gunicorn, and the database that it works on."""

    process: subprocess.Popen[bytes]
    port: int
    database: str

    def web_cpu(self) -> float:
        """CPU seconds of the master and its workers."""
        return sum(_cpu_of(pid) for pid in (self.process.pid, *_children(self.process.pid)))

    def database_cpu(self) -> dict[int, float]:
        """CPU seconds of each of the database's processes that serve this server."""
        return {pid: _cpu_of(pid) for pid in _backends(self.database)}


def _cpu_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    return [int(child) for child in text.split()]


def _backends(database: str) -> list[int]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [database],
        )
        return [row[0] for row in cursor.fetchall()]


@contextmanager
def _served(command: list[str], variables: dict[str, str], database: str = "") -> Iterator[Server]:
    from django.db import connection

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    variables = {**variables, "BIND": f"127.0.0.1:{port}"}
    process = subprocess.Popen(command, cwd=ROOT, env=variables)
    try:
        _wait_for(port, process)
        name = database or str(connection.settings_dict["NAME"])
        yield Server(process=process, port=port, database=name)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("a server of the handshake bench did not start")


def _gunicorn(python: str, application: str) -> list[str]:
    return [python, "-m", "gunicorn", "-c", str(ROOT / "bench" / "gunicorn_same.py"), application]


def _our_command() -> list[str]:
    return _gunicorn(sys.executable, "ent.wsgi")


def _signed_in(port: int, path: str) -> list[Visit]:
    visits = [Visit(port) for _ in range(CLIENTS)]
    for number, visit in enumerate(visits):
        visit.sign_in(path, f"banc.cas{number}", _PASSWORD)
    return visits


def _prepare_ours() -> None:
    from accounts.enums import Audience, DoorKind
    from accounts.models import Door, TermsText
    from accounts.provisioning.administrators import create_local_person, open_local_account
    from directory.enums import Profile
    from sso.catalogue.addresses import read_address
    from sso.models import Service, ServiceAddress, ServiceAudience

    TermsText.objects.all().delete()
    Door.objects.get_or_create(
        code=_DOOR,
        defaults={"label": "du banc", "kind": DoorKind.LOCAL, "audiences": [Audience.OTHER]},
    )
    for number in range(CLIENTS):
        person = create_local_person(
            given_name="Banc", family_name=f"Cas {chr(97 + number)}", profile=Profile.GUEST
        )
        open_local_account(person=person, password=_PASSWORD, login=f"banc.cas{number}")
    service, _ = Service.objects.get_or_create(code="banc", defaults={"name": "Banc"})
    address = read_address(SERVICE)
    ServiceAddress.objects.get_or_create(
        service=service,
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        path_prefix=address.path,
    )
    ServiceAudience.objects.get_or_create(service=service)


# --- the peer -----------------------------------------------------------------------------------


@contextmanager
def _peer() -> Iterator[Server | None]:
    """django-cas-server with a database of its own on the same PostgreSQL; None without it."""
    python = Path(os.environ.get("PREAU_ACADEMY", ROOT / ".venv-academy")) / "bin" / "python"
    if not python.exists():
        sys.stdout.write("No .venv-academy (make academy-environment): no peer is measured.\n")
        yield None
        return
    _make_peer_database()
    variables = _peer_environment()
    for step in (["-m", "django", "migrate", "--verbosity", "0"], ["-c", _FILL_PEER]):
        subprocess.run([str(python), *step], cwd=ROOT, env=variables, check=True)
    command = _gunicorn(str(python), "django.core.wsgi:get_wsgi_application()")
    with _served(command, variables, _PEER_DATABASE) as server:
        yield server


_FILL_PEER = f"""
import django
django.setup()
from cas_server.models import ServicePattern
from django.contrib.auth.models import User
ServicePattern.objects.create(pos=1, name="banc", pattern="^https://banc[.]example[.]fr/.*$")
for number in range({CLIENTS}):
    User.objects.create_user(f"banc.cas{{number}}", password="{_PASSWORD}")
"""


def _make_peer_database() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {_PEER_DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {_PEER_DATABASE}")


def _peer_environment() -> dict[str, str]:
    from django.db import connection

    found = connection.get_connection_params()
    database = {
        "NAME": _PEER_DATABASE,
        "USER": found.get("user", ""),
        "PASSWORD": found.get("password", ""),
        "HOST": found.get("host", ""),
        "PORT": str(found.get("port", "")),
    }
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bench.peer_cas",
        "BENCH_PEER_DATABASE": json.dumps(database),
        "PYTHONPATH": os.pathsep.join([packages, str(ROOT)]),
    }
