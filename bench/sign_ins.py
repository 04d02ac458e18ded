"""Sign-in: whole requests on both cores, against the passwords that both cores can hash."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable

from bench.lines import Line
from bench.stage import ROOT, environment

_PROCESSES = 2
_EACH = 60
PASSWORD = "un banc sous le preau"
DOOR = "banc"


def measure_sign_in() -> list[Line]:
    """Rate of sign-ins over the Argon2 bound, and the CPU around each hash."""
    from accounts.enums import Audience, DoorKind
    from accounts.models import Door
    from accounts.services.administrators import create_local_person, open_local_account
    from directory.enums import Profile

    Door.objects.get_or_create(
        code=DOOR,
        defaults={"label": "du banc", "kind": DoorKind.LOCAL, "audiences": [Audience.OTHER]},
    )
    for number in range(_PROCESSES * 10):
        person = create_local_person(
            given_name="Essai", family_name=f"Connexion {chr(97 + number)}", profile=Profile.GUEST
        )
        open_local_account(person=person, password=PASSWORD, login=f"banc.essai{number}")
    bound, hash_cpu = _run("hash")
    ours, sign_in_cpu = _run("sign-in")
    around = (sign_in_cpu - hash_cpu) * 1000
    return [
        Line(
            work="sign-in, two processes",
            floor=f"{bound:.0f} /s (Argon2)",
            ours=f"{ours:.0f} /s",
            compare=ours / bound,
            goal=0.8,
        ),
        Line(
            work="sign-in: CPU around the hash",
            ours=f"{around:.1f} ms",
            compare=around,
            compare_unit="ms",
            goal=5,
            at_least=False,
        ),
    ]


def _run(kind: str) -> tuple[float, float]:
    """Rate of all processes together, and CPU seconds of one act."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.sign_ins", kind, str(rank)],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(_PROCESSES)
    ]
    for worker in workers:
        assert worker.stdout is not None  # noqa: S101
        worker.stdout.readline()
    for worker in workers:
        assert worker.stdin is not None  # noqa: S101
        worker.stdin.write("go\n")
        worker.stdin.flush()
    found = [json.loads(worker.communicate()[0]) for worker in workers]
    if any(worker.returncode for worker in workers):
        raise RuntimeError("a process of the sign-in bench failed")
    seconds = max(one["seconds"] for one in found)
    return _PROCESSES * _EACH / seconds, sum(one["cpu"] for one in found) / (_PROCESSES * _EACH)


def _worker(kind: str, rank: int) -> None:
    import django

    django.setup()
    act = _hashing() if kind == "hash" else _signing_in(rank)
    act(0)  # warm
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    began, cpu = time.perf_counter(), time.process_time()
    for number in range(1, _EACH + 1):
        act(number)
    result = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    sys.stdout.write(json.dumps(result) + "\n")


def _hashing() -> Callable[[int], object]:
    from django.contrib.auth.hashers import identify_hasher, make_password

    encoded = make_password(PASSWORD)
    hasher = identify_hasher(encoded)
    return lambda _: hasher.verify(PASSWORD, encoded)


def _signing_in(rank: int) -> Callable[[int], object]:
    from django.test import Client
    from django.urls import reverse

    address = reverse("accounts:door", args=[DOOR])
    forms = []
    for _ in range(_EACH + 1):
        client = Client(enforce_csrf_checks=True, SERVER_NAME="127.0.0.1")
        page = client.get(address).content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        forms.append((client, token[1] if token else ""))

    def act(number: int) -> None:
        client, token = forms[number]
        login = f"banc.essai{rank * 10 + number % 10}"
        answer = client.post(
            address,
            {"username": login, "password": PASSWORD, "csrfmiddlewaretoken": token},
        )
        if answer.status_code != 303:
            raise RuntimeError(f"sign-in answered {answer.status_code}")

    return act


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.demo")
    _worker(sys.argv[1], int(sys.argv[2]))
