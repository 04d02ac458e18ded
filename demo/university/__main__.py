"""`python -m demo.university` (`make demo-university`): the demonstration with a university.

A real OpenLDAP of our own runs beside it, filled with invented students and staff.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from demo import __main__ as demo
from demo.database import var_folder
from demo.university import people, slapd

_STUDENTS, _STAFF = 2600, 400
_ROOT = Path(__file__).resolve().parents[2]
_PORT = 6636


def main() -> None:
    """Start the directory, prepare the portal with it, then run the demonstration."""
    if not slapd.is_installed():
        raise SystemExit("slapd manque : apt-get install slapd ldap-utils")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.demo")
    os.environ.setdefault("PREAU_VAR", str(var_folder()))
    members = people.invent(_STUDENTS, _STAFF)
    port = demo.choose_port(int(os.environ.get("LDAP_PORT", str(_PORT))))
    folder = var_folder() / "demo" / "university"
    with slapd.running(folder, people.entries(members), port=port) as server:
        demo.main(then=lambda: _prepare(server, members[0], members[-1]))


def _prepare(server: slapd.Slapd, student: people.Member, employee: people.Member) -> None:
    """Make the university known to the portal, and say who may sign in."""
    command = ("prepare_university", "--server", server.url)
    done = subprocess.run(
        [
            *(sys.executable, str(_ROOT / "manage.py"), *command),
            *("--authorities", str(server.folder / "authority.pem")),
        ],
        cwd=_ROOT,
        env={**os.environ, "PREAU_RUNS_WORKER": "1"},
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit("La préparation de l’université a échoué.")
    sys.stdout.write(
        f"Université ({server.url}) : étudiant {student.login}, personnel {employee.login}, "
        f"mot de passe « {people.PASSWORD} »\n"
    )


if __name__ == "__main__":
    main()
