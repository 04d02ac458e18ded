"""The processes that only the demonstration has: `python -m demo.processes <name>`.

What they stand for is not ours: the portal of an academy, with a Python of its own, the services
that the ENT signs people in to, a school’s Pronote, and OTP keys. Does not load Django.
"""

import os
import sys
from pathlib import Path

from demo.guichet.plan import AUTHORITY, HOST
from ent.processes import GUICHET_NAMES, NAMES

ACADEMY = "academy"
SERVICES = "services"
PRONOTE = "pronote"
FOBS = "fobs"
#: Every process of the demonstration: those of the ENT, then its own.
DEMO_NAMES = (*NAMES, *GUICHET_NAMES, ACADEMY, SERVICES, PRONOTE, FOBS)
ACADEMY_PYTHON = Path(__file__).resolve().parent.parent / ".venv-academy" / "bin" / "python"


def module_of(name: str) -> str:
    """Return the module that becomes the process of this name."""
    return "ent.processes" if name in (*NAMES, *GUICHET_NAMES) else "demo.processes"


def guichet_url() -> str:
    """Return the address of Nancy-Metz's guichet, on DEMO_GUICHET_PORT."""
    return f"http://{HOST}:{os.environ['DEMO_GUICHET_PORT']}"


def environment_of_guichet() -> dict[str, str]:
    """Return what its processes are told besides what the portal's are."""
    return {
        "GUICHET_AUTHORITY": AUTHORITY,
        "GUICHET_BASE_URL": guichet_url(),
        "BIND": f"127.0.0.1:{os.environ['DEMO_GUICHET_PORT']}",
        "WEB_PROCESSES": "2",
        "WORKER_PROCESSES": "1",
    }


def become_academy() -> None:
    """Become the academic portals; ACADEMIES holds `code:port` for each academy."""
    academies = os.environ["ACADEMIES"].split()
    python = str(ACADEMY_PYTHON)
    os.execv(python, [python, "-m", "demo.academy", *academies])  # noqa: S606


def become_services() -> None:
    """Become the services of the demonstration, on DEMO_SERVICES_PORT."""
    arguments = [os.environ["DEMO_SERVICES_PORT"], os.environ["PUBLIC_BASE_URL"]]
    os.execv(  # noqa: S606
        sys.executable, [sys.executable, "-m", "demo.stand_in", *arguments]
    )


def become_pronote() -> None:
    """Become the stand-in for Pronote, on DEMO_PRONOTE_PORT; its base lies in PREAU_VAR."""
    folder = Path(os.environ["PREAU_VAR"]) / "demo" / "pronote"
    arguments = [
        *("--port", os.environ["DEMO_PRONOTE_PORT"]),
        *("--base-folder", str(folder)),
        *("--people", str(folder / "people.json")),
        *("--cas-base-url", f"{os.environ['PUBLIC_BASE_URL']}/cas"),
        "--delegated",
    ]
    os.execv(  # noqa: S606
        sys.executable, [sys.executable, "-m", "demo.pronote", *arguments]
    )


def become_fobs() -> None:
    """Become the drawer of OTP keys, on DEMO_FOBS_PORT."""
    folder = Path(os.environ["PREAU_VAR"]) / "demo" / "fobs"
    arguments = [os.environ["DEMO_FOBS_PORT"], str(folder), guichet_url()]
    os.execv(sys.executable, [sys.executable, "-m", "demo.fobs", *arguments])  # noqa: S606


def main() -> None:
    """Become the process named on the command line."""
    become = {
        ACADEMY: become_academy,
        SERVICES: become_services,
        PRONOTE: become_pronote,
        FOBS: become_fobs,
    }
    if len(sys.argv) != 2 or sys.argv[1] not in become:
        raise SystemExit(f"usage: python -m demo.processes {{{','.join(become)}}}")
    become[sys.argv[1]]()


if __name__ == "__main__":
    main()
