"""OTP sign-ins at a guichet: whole requests of eight clients, against one Argon2 of the PIN.

A request is a call of the guichet's WSGI application with PIN and code, as `bench.sign_ins` makes
those of the portal; a key is used once, by its code of the moment: three rounds with keys of their
own need no waiting. Then one client alone, with a thousand keys and with three millions: the part
of a sign-in without Argon2, the database's share included, must not grow.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import statistics
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.lines import Line, percentile
from bench.sign_ins import HashClock, call_site, run_at_once
from bench.together import run_together

if TYPE_CHECKING:
    from guichet.keys.codes import Clock

_CLIENTS = 8
_EACH = 30
_ROUNDS = 3
_ALONE = 60
_USED = _ROUNDS * _CLIENTS * _EACH
_FEW = 1_000
_MANY = int(os.environ.get("OTP_KEYS", "3000000"))
_PIN = "428615"
_AUTHORITY = "OTP-BANC"


def measure_otp_sign_in() -> list[Line]:
    """Rate and p95 of eight clients over the Argon2 bound; what millions of keys cost."""
    _prepare(_FEW)
    rounds = [(run_at_once("django-hash", 2)[0], *_eight_clients(n)) for n in range(_ROUNDS)]
    bound, ours, slowest = (statistics.median(values) for values in zip(*rounds, strict=True))
    few = _alone(_USED)
    _prepare(_MANY)
    many = _alone(_USED + _ALONE)
    return [
        Line(
            work="OTP sign-in, 8 clients",
            floor=f"{bound:.0f} /s (Argon2)",
            ours=f"{ours:.0f} /s",
            compare=ours / bound,
            goal=0.8,
        ),
        Line(
            work="OTP sign-in, 8 clients: p95",
            floor=f"{1000 * _CLIENTS / bound:.0f} ms (8 ÷ Argon2)",
            ours=f"{1000 * slowest:.0f} ms",
            compare=slowest * bound / _CLIENTS,
            goal=1.5,
            at_least=False,
        ),
        Line(
            work=f"OTP sign-in without Argon2, {_MANY:,} keys",
            floor=f"{1000 * few:.1f} ms ({_FEW:,} keys)",
            ours=f"{1000 * many:.1f} ms",
            compare=many / few,
            goal=1.2,
            at_least=False,
        ),
    ]


def _prepare(keys: int) -> None:
    run_together("bench.otp_sign_ins", [["prepare", str(keys)]])


def _eight_clients(number: int) -> tuple[float, float]:
    """Sign-ins a second of all together, and the p95 of one, in seconds."""
    firsts = [(number * _CLIENTS + client) * _EACH for client in range(_CLIENTS)]
    arguments = [["client", str(first), str(_EACH)] for first in firsts]
    found = [json.loads(answer) for answer in run_together("bench.otp_sign_ins", arguments)]
    rate = _CLIENTS * _EACH / max(one["seconds"] for one in found)
    return rate, percentile([taken for one in found for taken in one["all"]], 0.95)


def _alone(first: int) -> float:
    """The median part of a sign-in without its Argon2, in seconds."""
    (answer,) = run_together("bench.otp_sign_ins", [["client", str(first), str(_ALONE)]])
    return float(json.loads(answer)["around"])


def _client(first: int, count: int) -> None:
    import django

    django.setup()
    hashing = HashClock()
    from guichet.keys.models import OtpKey
    from guichet.keys.seeds import clock_of

    keys = OtpKey.objects.select_related("authority", "holder").order_by("pk")
    held = [(key.holder.uid, clock_of(key, authority=key.authority.uuid))
            for key in keys[first : first + count] if key.holder is not None]  # fmt: skip
    forms = [_form() for _ in held]
    _enter("personne", "428615123456", _form())  # warm
    _say_ready()
    taken, around = [], []
    began = time.perf_counter()
    for (uid, clock), form in zip(held, forms, strict=True):
        hashing.wall, at = 0.0, time.perf_counter()
        status = _enter(uid, _PIN + _code(clock), form)
        taken.append(time.perf_counter() - at)
        around.append(taken[-1] - hashing.wall)
        if not status.startswith("303"):
            raise RuntimeError(f"{uid}: sign-in answered {status}")
    seconds = time.perf_counter() - began
    result = {"seconds": seconds, "all": taken, "around": statistics.median(around)}
    sys.stdout.write(json.dumps(result) + "\n")


def _code(clock: Clock) -> str:
    return clock.code(int(time.time() // 60))


def _form() -> tuple[str, str]:
    _, headers, page = call_site("GET", "/entrer/")
    cookies = "; ".join(v.split(";")[0] for k, v in headers if k.lower() == "set-cookie")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.decode())
    return cookies, token[1] if token else ""


def _enter(uid: str, passcode: str, form: tuple[str, str]) -> str:
    cookies, token = form
    typed = {
        "username": uid,
        "methode": "cle-otp",
        "passcode": passcode,
        "csrfmiddlewaretoken": token,
    }
    status, _, _ = call_site("POST", "/entrer/", body=urlencode(typed).encode(), cookies=cookies)
    return status


def _say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


def _fill(keys: int) -> None:
    """Make the guichet, the keys that clients use, and others beside them up to this number."""
    import django

    django.setup()
    _say_ready()
    from django.core.management import call_command
    from django.db import connection

    from directory.models import Authority
    from guichet.authority.models import Guichet
    from guichet.keys.models import OtpKey

    call_command("create_keys", verbosity=0, stdout=sys.stderr)
    authority, is_new = Authority.objects.get_or_create(
        code=_AUTHORITY, defaults={"name": "Banc des clés"}
    )
    if is_new:
        Guichet.objects.create(authority=authority, name="Banc des clés")
        _make_keys(authority, _USED + 2 * _ALONE)
    present = OtpKey.objects.count()
    with connection.cursor() as cursor:
        # Columns of a key that nobody uses are those of one that is used, but for its serial.
        for table, changed in (
            ("guichet_academiccredential", {"uuid": "gen_random_uuid()", "uid": "'x' || n"}),
            (
                "guichet_otpkey",
                {
                    "uuid": "gen_random_uuid()",
                    "serial": "'X' || n",
                    "holder_id": "(SELECT c.id FROM guichet_academiccredential c"
                    " WHERE c.authority_id = model.authority_id AND c.uid = 'x' || n)",
                },
            ),
        ):
            cursor.execute(_COLUMNS, [table])
            names = [name for (name,) in cursor.fetchall()]
            values = ", ".join(changed.get(name, f"model.{name}") for name in names)
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} "
                f"FROM (SELECT * FROM {table} ORDER BY id LIMIT 1) model, "
                f"generate_series({present + 1}, {keys}) n"
            )
            cursor.execute(f"VACUUM ANALYZE {table}")
    sys.stdout.write("{}\n")


_COLUMNS = """
SELECT column_name FROM information_schema.columns
 WHERE table_name = %s AND column_name <> 'id' AND table_schema = 'public'
"""


def _make_keys(authority: object, count: int) -> None:
    from django.utils import timezone

    from directory.models import Authority
    from guichet.agents.models import AcademicCredential
    from guichet.enums import KeySlot, KeyState, PinState
    from guichet.keys.models import OtpKey
    from guichet.keys.seeds import seal_seed
    from signin.passwords.hashing import hash_password

    assert isinstance(authority, Authority)  # noqa: S101
    pin, now = hash_password(_PIN), timezone.now()
    for number in range(count):
        uid, serial = f"banc{number}", f"BANC{number:06d}"
        agent = AcademicCredential.objects.create(
            authority=authority, uid=uid, family_name="Banc", sort_key=uid
        )
        seed = hashlib.sha256(serial.encode()).digest()[:20]
        OtpKey.objects.create(
            authority=authority,
            serial=serial,
            sealed_seed=seal_seed(seed, authority=authority.uuid, serial=serial),
            state=KeyState.ACTIVE,
            slot=KeySlot.CURRENT,
            holder=agent,
            pin=pin,
            pin_state=PinState.SET,
            assigned_at=now,
        )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.demo")
    os.environ.update(
        PREAU_REALM="guichet",
        GUICHET_AUTHORITY=_AUTHORITY,
        SIGN_IN_PLACES=str(_CLIENTS),
        SIGN_IN_WAITING=str(_CLIENTS),
    )
    if sys.argv[1] == "prepare":
        _fill(int(sys.argv[2]))
    else:
        _client(*map(int, sys.argv[2:4]))
