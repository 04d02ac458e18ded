"""The processes that make up an ENT, each started by `python -m ent.processes <name>`.

One list for every way of running: what runs in production is what was tried. This module does not
load Django: it prepares the command and becomes that process.
"""

import os
import sys

WEB = "web"
WORKER = "worker"
BEAT = "beat"
GUICHET = "guichet"
GUICHET_WORKER = "guichet-worker"
GUICHET_BEAT = "guichet-beat"
NAMES = (WEB, WORKER, BEAT)
#: The processes of an academy's own sign-in, where there is one: another realm, host and keys.
GUICHET_NAMES = (GUICHET, GUICHET_WORKER, GUICHET_BEAT)


def command_of(name: str) -> list[str]:
    """Return the arguments of the Python module that the process runs.

    Read from the environment: BIND (address:port, default 127.0.0.1:8000), WEB_PROCESSES (default
    by the cores: `ent.deployment.machine`), WORKER_PROCESSES (default 3), LOG_LEVEL.
    """
    if name in (WEB, GUICHET):
        return ["gunicorn", "ent.wsgi:application", "--config", "python:ent.web.gunicorn"]
    celery = ["celery", "--app", "ent.celery", "--quiet"]
    log_level = ["--loglevel", os.environ.get("LOG_LEVEL", "INFO")]
    if name in (WORKER, GUICHET_WORKER):
        return [
            *celery,
            "worker",
            *log_level,
            *("--concurrency", os.environ.get("WORKER_PROCESSES", "3")),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
    if name in (BEAT, GUICHET_BEAT):
        return [*celery, "beat", *log_level, "--pidfile", ""]
    raise ValueError(f"unknown process {name!r}: one of {', '.join((*NAMES, *GUICHET_NAMES))}")


def environment_of(name: str) -> dict[str, str]:
    """Return what the process's environment has besides ours.

    Only a worker may open the private keys of files and codes, only a process of a guichet those
    of OTP seeds (`ent.sealing`).
    """
    return {
        "PREAU_RUNS_WORKER": "1" if name in (WORKER, GUICHET_WORKER) else "0",
        "PREAU_REALM": "guichet" if name in GUICHET_NAMES else "portail",
    }


def main() -> None:
    """Become the process named on the command line."""
    names = (*NAMES, *GUICHET_NAMES)
    if len(sys.argv) != 2 or sys.argv[1] not in names:
        raise SystemExit(f"usage: python -m ent.processes {{{','.join(names)}}}")
    name = sys.argv[1]
    os.environ.update(environment_of(name))
    if name not in (WEB, GUICHET):
        # The broker and the beat may live in folders that nobody has made yet.
        from ent.celery import create_broker_folders

        create_broker_folders()
    os.execv(sys.executable, [sys.executable, "-m", *command_of(name)])  # noqa: S606


if __name__ == "__main__":
    main()
