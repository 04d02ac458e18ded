"""The processes that make up an ENT, each started by `python -m ent.processes <name>`.

One list for the demonstration, the tests and the containers: what runs in production is what was
tried. This module does not load Django: it prepares the command and becomes that process.
"""

import os
import sys
from pathlib import Path

WEB = "web"
WORKER = "worker"
BEAT = "beat"
NAMES = (WEB, WORKER, BEAT)
# The demonstration's own: an academic portal that is not ours, with a Python of its own.
ACADEMY = "academy"
# Services that are not ours, whom the ENT signs people in to.
SERVICES = "services"
DEMO_NAMES = (*NAMES, ACADEMY, SERVICES)
ACADEMY_PYTHON = Path(__file__).resolve().parent.parent / ".venv-academy" / "bin" / "python"


def command_of(name: str) -> list[str]:
    """Return the arguments of the Python module that the process runs.

    Read from the environment: BIND (address:port, default 127.0.0.1:8000), WEB_PROCESSES (default
    by the cores: `ent.machine`), WORKER_PROCESSES (default 3), LOG_LEVEL.
    """
    if name == WEB:
        return ["gunicorn", "ent.wsgi:application", "--config", "python:ent.gunicorn"]
    celery = ["celery", "--app", "ent.celery", "--quiet"]
    log_level = ["--loglevel", os.environ.get("LOG_LEVEL", "INFO")]
    if name == WORKER:
        return [
            *celery,
            "worker",
            *log_level,
            *("--concurrency", os.environ.get("WORKER_PROCESSES", "3")),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
    if name == BEAT:
        return [*celery, "beat", *log_level, "--pidfile", ""]
    raise ValueError(f"unknown process {name!r}: one of {', '.join(NAMES)}")


def become_academy() -> None:
    """Become the academic portal; ACADEMIES holds `code:port` for each academy."""
    academies = os.environ["ACADEMIES"].split()
    python = str(ACADEMY_PYTHON)
    os.execv(python, [python, "-m", "portal.demo.academy", *academies])  # noqa: S606


def become_services() -> None:
    """Become the services of the demonstration, on DEMO_SERVICES_PORT."""
    arguments = [os.environ["DEMO_SERVICES_PORT"], os.environ["PUBLIC_BASE_URL"]]
    os.execv(  # noqa: S606
        sys.executable, [sys.executable, "-m", "portal.demo.stand_in", *arguments]
    )


def environment_of(name: str) -> dict[str, str]:
    """Return what the process's environment has besides ours.

    Only the worker may open the private keys (`ent.sealing`).
    """
    return {"PREAU_RUNS_WORKER": "1" if name == WORKER else "0"}


def main() -> None:
    """Become the process named on the command line."""
    if len(sys.argv) != 2 or sys.argv[1] not in DEMO_NAMES:
        raise SystemExit(f"usage: python -m ent.processes {{{','.join(DEMO_NAMES)}}}")
    name = sys.argv[1]
    if name == ACADEMY:
        become_academy()
    if name == SERVICES:
        become_services()
    os.environ.update(environment_of(name))
    if name != WEB:
        # The broker and the beat may live in folders that nobody has made yet.
        from ent.celery import create_broker_folders

        create_broker_folders()
    os.execv(sys.executable, [sys.executable, "-m", *command_of(name)])  # noqa: S606


if __name__ == "__main__":
    main()
