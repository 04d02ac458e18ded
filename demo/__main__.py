"""`python -m demo` (`make demo`): the whole ENT on one machine, with one command.

The first start prepares everything: keys, tables, static files, invented schools. A stamp of what
that depends on lets the next start go straight to the processes, in a few seconds. Ctrl-C stops
everything, the private database included. Loads Django only in the processes that it starts.
"""

import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TextIO

from demo.database import stop_database, var_folder
from demo.guard import Guard
from demo.processes import (
    ACADEMY,
    ACADEMY_PYTHON,
    DEMO_NAMES,
    FOBS,
    PRONOTE,
    SERVICES,
    environment_of_guichet,
    guichet_url,
)
from demo.supervisor import Supervisor
from ent.processes import BEAT, GUICHET, GUICHET_NAMES, WEB, WORKER, environment_of

_ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 90
#: The portals that are not ours; Nancy-Metz has a guichet of ours.
_ACADEMIES = ("reims",)
# What the prepared state depends on: a change of any of these prepares again.
_INPUTS = ("*/migrations/*.py", "*/*/migrations/*.py", "static/**/*", "requirements/base.txt")
# In order. Each must be harmless when it was done before.
_PREPARATION = (
    ("Version de la base", ["check_database"]),
    ("Clés", ["create_keys"]),
    ("Tables", ["migrate", "--verbosity", "0"]),
    ("Fichiers statiques", ["collectstatic", "--no-input", "--verbosity", "0"]),
    ("Établissements et comptes de démonstration", ["prepare_demo"]),
)
_GUICHET_LABEL = "Guichet de l’académie de Nancy-Metz, ses clés"


def _stamp() -> str:
    """Hash what the prepared state was made from, and where it lives."""
    digest = hashlib.sha256()
    for pattern in _INPUTS:
        for file in sorted(_ROOT.glob(pattern)):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(_ROOT)).encode())
                digest.update(file.read_bytes())
    digest.update(os.environ.get("DATABASE_URL", "").encode())
    # Doors, tiles and the guichet's one service lead to these.
    for name in ("ACADEMIES", "DEMO_GUICHET_PORT", "DEMO_SERVICES_PORT", "DEMO_PRONOTE_PORT"):
        digest.update(os.environ.get(name, "").encode())
    digest.update(os.environ.get("PUBLIC_BASE_URL", "").encode())
    return digest.hexdigest()


def prepare() -> None:
    """Bring the demonstration to its ready state; does nothing when it is."""
    stamp_file = var_folder() / "demo" / "stamp"
    stamp = _stamp()
    made = "DATABASE_URL" in os.environ or (var_folder() / "postgres" / "created").exists()
    if made and stamp_file.exists() and stamp_file.read_text(encoding="ascii") == stamp:
        return
    for label, arguments in _PREPARATION:
        _run_step(label, [str(_ROOT / "manage.py"), *arguments], {})
    in_the_guichet = {**environment_of(GUICHET), **environment_of_guichet()}
    _run_step(_GUICHET_LABEL, ["-m", "demo.guichet"], in_the_guichet)
    stamp_file.parent.mkdir(parents=True, exist_ok=True)
    stamp_file.write_text(stamp, encoding="ascii")


def _run_step(label: str, arguments: list[str], environment: dict[str, str]) -> None:
    """Run one step in a process of its own, with the worker's keys: it runs imports itself."""
    began = time.monotonic()
    sys.stdout.write(f"{label}…\n")
    sys.stdout.flush()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=_ROOT,
        env={**os.environ, **environment, "PREAU_RUNS_WORKER": "1"},
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"La préparation a échoué à l’étape « {label} ».")
    sys.stdout.write(f"  fait en {time.monotonic() - began:.1f} s\n")


def lock_or_leave() -> TextIO:
    """Hold the checkout's demonstration for as long as the file is open; leave if it runs."""
    path = var_folder() / "demo" / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = path.open("w")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        raise SystemExit("La démonstration tourne déjà dans ce dossier.") from None
    return stream


def choose_port(wanted: int | None = None) -> int:
    """Return the wanted port (PORT, 8000 by default), or the next free one."""
    wanted = wanted or int(os.environ.get("PORT", "8000"))
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SystemExit(f"Aucun port libre à partir de {wanted} : indiquez-en un avec PORT=…")


def _choose_academies() -> None:
    """Give each academy a port, the same at each start when it is free: our guichet's first."""
    port = choose_port(int(os.environ.get("ACADEMY_PORT", "8100")) + 1)
    os.environ["DEMO_GUICHET_PORT"] = str(port)
    chosen = []
    for code in _ACADEMIES:
        port = choose_port(port + 1)
        chosen.append(f"{code}:{port}")
    os.environ["ACADEMIES"] = " ".join(chosen)
    folder = var_folder() / "demo" / "academy"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["ACADEMY_FOLDER"] = str(folder)


def _choose_services() -> None:
    """Give the services that are not ours a port, the same at each start when it is free."""
    wanted = int(os.environ.get("SERVICES_PORT", "8201"))
    os.environ["DEMO_SERVICES_PORT"] = str(choose_port(wanted))
    wanted = int(os.environ.get("PRONOTE_PORT", "8301"))
    os.environ["DEMO_PRONOTE_PORT"] = str(choose_port(wanted))
    wanted = int(os.environ.get("FOBS_PORT", "8401"))
    os.environ["DEMO_FOBS_PORT"] = str(choose_port(wanted))


def _start_academies(supervisor: Supervisor) -> None:
    """Start our guichet, then the others' portal; without its environment that door stays shut."""
    for name in GUICHET_NAMES:
        supervisor.start(name, environment_of_guichet())
    supervisor.start(FOBS)
    if ACADEMY_PYTHON.exists():
        supervisor.start(ACADEMY)
    else:
        sys.stdout.write("Portails académiques absents : scripts/environment.sh academy\n")


def _wait_for(url: str, supervisor: Supervisor) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and not supervisor.is_stopping:
        try:
            with urllib.request.urlopen(f"{url}/sante/pages/", timeout=5):  # noqa: S310
                return True
        except urllib.error.HTTPError as error:
            error.close()
            return True
        except OSError:
            supervisor.restart_the_dead()
            time.sleep(0.1)
    return False


def _welcome(url: str, seconds: float) -> None:
    accounts = var_folder() / "demo" / "accounts.txt"
    sys.stdout.write(f"\nPréau est prêt (en {seconds:.1f} s) : {url}\n\n")
    if accounts.exists():
        sys.stdout.write(accounts.read_text(encoding="utf-8").replace("{url}", url) + "\n")
    of_guichet = var_folder() / "demo" / "guichet" / "accounts.txt"
    if of_guichet.exists():
        text = of_guichet.read_text(encoding="utf-8").replace("{guichet}", guichet_url())
        fobs = f"http://127.0.0.1:{os.environ['DEMO_FOBS_PORT']}/"
        sys.stdout.write(text.replace("{fobs}", fobs) + "\n")
    sys.stdout.write(f"Journaux : {var_folder() / 'log'}   Courriels : {var_folder() / 'mail'}\n")
    sys.stdout.write("Ctrl-C arrête tout.\n")
    sys.stdout.flush()


def _stop_on_signals(supervisor: Supervisor) -> None:
    def on_signal(signum: int, frame: FrameType | None) -> None:
        supervisor.ask_to_stop()

    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, on_signal)


def main(then: Callable[[], None] = lambda: None) -> None:
    """Prepare, start, say where, and watch until told to stop. *then*: what else to prepare."""
    began = time.monotonic()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.demo")
    os.environ.setdefault("PREAU_VAR", str(var_folder()))
    lock = lock_or_leave()
    supervisor = Supervisor(log_dir=var_folder() / "log")
    guard = Guard(log_dir=supervisor.log_dir, lock=Path(lock.name))
    supervisor.end_leftovers(DEMO_NAMES)
    try:
        _choose_academies()
        _choose_services()
        port = choose_port()
        url = f"http://127.0.0.1:{port}"
        os.environ.setdefault("PUBLIC_BASE_URL", url)
        prepare()
        then()
        os.environ["BIND"] = f"127.0.0.1:{port}"
        _stop_on_signals(supervisor)
        supervisor.start(WEB)
        if _wait_for(url, supervisor):
            _start_academies(supervisor)
            supervisor.start(SERVICES)
            supervisor.start(PRONOTE)
            _welcome(url, time.monotonic() - began)
            supervisor.start(WORKER)
            supervisor.start(BEAT)
            supervisor.watch()
        elif not supervisor.is_stopping:
            raise SystemExit(
                f"Le serveur web ne répond pas : voyez {var_folder() / 'log' / 'web.log'}"
            )
    finally:
        supervisor.stop()
        stop_database()
        guard.dismiss()
        lock.close()
        sys.stdout.write("Tout est arrêté.\n")


if __name__ == "__main__":
    main()
