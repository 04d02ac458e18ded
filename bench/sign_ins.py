"""Sign-in: whole requests on both cores, against the passwords that both cores can hash.

A request is a call of the portal's WSGI application, from the environment that a web server makes
to the last byte, connection checks included. The processes are as many as may sign in at once on a
machine of this size (`SIGN_IN_PLACES`), as in production: while one waits for the disk another
hashes. The bound is Django's own Argon2 hasher with our parameters; beside it stands ours, which
compares by another library (`signin.passwords.hashers`). CPU around the hash is measured inside
each process: what the request took, less what the hash itself took in the same request.
"""

from __future__ import annotations

import io
import json
import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

from bench.lines import Line
from bench.together import run_together

_HASHES = {"django-hash": 2, "own-hash": 2}
_MOST_AROUND = 0.26
"""5 ms of CPU where a hash takes 19; of the hash, as no machine is equally quick each day."""
_SIGNING_IN = 4
_EACH = 60
PASSWORD = "un banc sous le preau"
DOOR = "banc"


def measure_sign_in() -> list[Line]:
    """Rate of sign-ins over the Argon2 bound, and the CPU around each hash."""
    from accounts.enums import Audience, DoorKind
    from accounts.models import Door
    from accounts.provisioning.administrators import create_local_person, open_local_account
    from directory.enums import Profile

    Door.objects.get_or_create(
        code=DOOR,
        defaults={"label": "du banc", "kind": DoorKind.LOCAL, "audiences": [Audience.OTHER]},
    )
    for number in range(_SIGNING_IN * 10):
        person = create_local_person(
            given_name="Essai",
            family_name=f"Connexion {chr(97 + number % 26)}{chr(97 + number // 26)}",
            profile=Profile.GUEST,
        )
        open_local_account(person=person, password=PASSWORD, login=f"banc.essai{number}")
    # In turn, and the median of three: from one second to the next a shared machine hashes a tenth
    # more or less.
    rounds = [
        [run_at_once(kind, number) for kind, number in (*_HASHES.items(), ("sign-in", _SIGNING_IN))]
        for _ in range(3)
    ]
    (bound, hash_cpu), (own_bound, _), (ours, around) = (
        (statistics.median(rate for rate, _ in runs), statistics.median(cpu for _, cpu in runs))
        for runs in zip(*rounds, strict=True)
    )
    return [
        Line(
            work="sign-in, both cores",
            floor=f"{bound:.0f} /s (Argon2)",
            peer=f"{own_bound:.0f} /s (libsodium's Argon2)",
            ours=f"{ours:.0f} /s",
            compare=ours / bound,
            goal=0.8,
        ),
        Line(
            work="sign-in: CPU around the hash",
            floor=f"{1000 * hash_cpu:.1f} ms (Argon2)",
            ours=f"{1000 * around:.1f} ms",
            compare=around / hash_cpu,
            goal=_MOST_AROUND,
            at_least=False,
        ),
    ]


def run_at_once(kind: str, processes: int) -> tuple[float, float]:
    """Rate of all processes together, and CPU seconds of one act (a sign-in's: around its hash)."""
    arguments = [[kind, str(rank)] for rank in range(processes)]
    found = [json.loads(answer) for answer in run_together("bench.sign_ins", arguments)]
    seconds = max(one["seconds"] for one in found)
    count = processes * _EACH
    return count / seconds, sum(one["around"] for one in found) / count


def _worker(kind: str, rank: int) -> None:
    import django

    django.setup()
    hashing = HashClock()
    act = _signing_in(rank) if kind == "sign-in" else _hashing(kind)
    act(0)  # warm
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    hashing.cpu = 0.0
    began, cpu = time.perf_counter(), time.process_time()
    for number in range(1, _EACH + 1):
        act(number)
    around = time.process_time() - cpu
    if kind == "sign-in":
        around -= hashing.cpu
    result = {"seconds": time.perf_counter() - began, "around": around}
    sys.stdout.write(json.dumps(result) + "\n")


class HashClock:
    """Adds up the CPU of the hashes of this process, and their time on the wall."""

    def __init__(self) -> None:
        from signin.passwords.hashers import PreauArgon2

        self.cpu = self.wall = 0.0
        verify = PreauArgon2.verify

        def timed_verify(hasher: PreauArgon2, password: str, encoded: str) -> bool:
            began, at = time.process_time(), time.perf_counter()
            try:
                return bool(verify(hasher, password, encoded))
            finally:
                self.cpu += time.process_time() - began
                self.wall += time.perf_counter() - at

        PreauArgon2.verify = timed_verify  # type: ignore[method-assign,assignment]


def _hashing(kind: str) -> Callable[[int], object]:
    """What compares one password: Django's hasher, or ours."""
    from django.contrib.auth.hashers import Argon2PasswordHasher, make_password

    from signin.passwords.hashers import PreauArgon2

    encoded = make_password(PASSWORD)
    hasher = Argon2PasswordHasher() if kind == "django-hash" else PreauArgon2()
    return lambda _: hasher.verify(PASSWORD, encoded)


def _signing_in(rank: int) -> Callable[[int], object]:
    from django.urls import reverse

    address = reverse("accounts:door", args=[DOOR])
    forms = []
    for _ in range(_EACH + 1):
        _, headers, page = call_site("GET", address)
        cookies = "; ".join(v.split(";")[0] for k, v in headers if k.lower() == "set-cookie")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.decode())
        forms.append((cookies, token[1] if token else ""))

    def act(number: int) -> None:
        cookies, token = forms[number]
        typed = {
            "username": f"banc.essai{rank * 10 + number % 10}",
            "password": PASSWORD,
            "csrfmiddlewaretoken": token,
        }
        status, _, _ = call_site("POST", address, body=urlencode(typed).encode(), cookies=cookies)
        if not status.startswith("303"):
            raise RuntimeError(f"sign-in answered {status}")

    return act


def call_site(
    method: str, path: str, *, body: bytes = b"", cookies: str = ""
) -> tuple[str, list[tuple[str, str]], bytes]:
    """One request through the WSGI application of the realm that this process serves."""
    from ent.wsgi import application

    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "HTTP_COOKIE": cookies,
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    setup_testing_defaults(environ)
    answer: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[..., Any]:
        answer.append((status, headers))
        return lambda _: None

    response: Any = application(environ, start)
    content = b"".join(response)
    response.close()
    return (*answer[0], content)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.demo")
    _worker(sys.argv[1], int(sys.argv[2]))
