"""Screenshots for `docs/`, taken from a running demonstration at two widths (`make shots`).

    python -m tests.shots [--url http://127.0.0.1:8000] [--to docs/screenshots] [name …]

Signed-in pages are opened with a session made in the demonstration's own database, so that no
password is needed; the demonstration must therefore run on this machine, from this checkout.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.kit.browser import WIDTHS, find_chromium

if TYPE_CHECKING:
    from accounts.models import Account

MAX_BYTES = 150_000
_AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Shot:
    """One picture: *who* names a function of this module that finds an account."""

    name: str
    path: str
    who: str = ""
    click: str = ""


SHOTS = (
    Shot("accueil-public", "/"),
    Shot("etablissement", "/etablissements/{slug}/"),
    Shot("aide", "/informations/aide/"),
    Shot("mire", "/connexion/"),
    Shot("connexion", "/connexion/?guichet={door}"),
    Shot("espace-parent", "/accueil/", "guardian"),
    Shot("espace-administrateur", "/accueil/", "administrator"),
    Shot("recherche", "/annuaire/?q=martin", "administrator"),
    Shot("fichiers", "/annuaire/administration/fichiers-des-identifiants/", "administrator"),
    Shot("import", "/annuaire/administration/imports/{delivery}/", "administrator"),
    Shot("charte", "/charte/"),
)


def main() -> int:
    """Take the pictures asked for; the exit status says whether axe found anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--to", type=Path, default=Path("docs/screenshots"))
    parser.add_argument("--dark", action="store_true", help="the dark presentation")
    parser.add_argument("--full", action="store_true", help="the whole page, however long")
    parser.add_argument("--path", help="one address instead of the list, as NAME=PATH[@WHO]")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    shots = [shot for shot in SHOTS if not options.names or shot.name in options.names]
    if options.path:
        name, _, rest = options.path.partition("=")
        path, _, who = rest.partition("@")
        shots = [Shot(name, path, who)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.demo")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    import django

    django.setup()
    options.to.mkdir(parents=True, exist_ok=True)
    faults = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        for shot in shots:
            for width in WIDTHS:
                faults += _take(browser, shot, width, options)
        browser.close()
    return 1 if faults else 0


def _take(browser: Browser, shot: Shot, width: str, options: argparse.Namespace) -> int:
    wide, high = WIDTHS[width]
    context = browser.new_context(
        base_url=options.url,
        viewport={"width": wide, "height": high},
        color_scheme="dark" if options.dark else "light",
        locale="fr-FR",
        reduced_motion="reduce",
    )
    try:
        if shot.who:
            name, value = session_cookie(shot.who, options.url)
            context.add_cookies([{"name": name, "value": value, "url": options.url}])
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        answer = page.goto(shot.path.format(**_names(shot.path)))
        target = options.to / f"{shot.name}-{wide}.png"
        page.screenshot(path=target, full_page=options.full)
        faults = _faults(page, said)
        status = answer.status if answer is not None else 0
        size = target.stat().st_size
        heavy = " HEAVY" if size > MAX_BYTES and not options.full else ""
        _say(f"{status} {target} {size // 1000} kB{heavy} {'; '.join(faults) or 'axe: clean'}")
        return len(faults)
    finally:
        context.close()


def _faults(page: Page, said: list[str]) -> list[str]:
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": _AXE_TAGS}})
    faults = [
        f"{one['id']} ({', '.join(str(node['target']) for node in one['nodes'][:3])})"
        for one in results.response["violations"]
    ]
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if overflow > 0:
        faults.append(f"{overflow} px too wide")
    return faults + [f"console: {text}" for text in said]


def _names(path: str) -> dict[str, str]:
    """What the addresses of the list need from the demonstration's data."""
    from accounts.models import Door
    from directory.models import School

    school = School.objects.active().order_by("-page__introduction", "uai").first()
    door = Door.objects.filter(is_open=True).first()
    return {
        "slug": school.slug if school is not None else "",
        "uai": school.uai if school is not None else "",
        "door": door.code if door is not None else "",
        "delivery": _delivery() if "{delivery}" in path else "",
    }


def _delivery() -> str:
    """A delivery that waits to be applied; deposits the next one of an academy when there is none.

    The worker of the demonstration makes its preview.
    """
    from directory.imports.deposits.services import APPLICABLE
    from directory.models.deliveries import Delivery

    waiting = Delivery.objects.filter(state__in=APPLICABLE).exclude(uploads=[])
    if not waiting.exists():
        _deposit_the_next()
    deadline = time.monotonic() + 120
    while not waiting.exists() and time.monotonic() < deadline:
        time.sleep(1)
    found = waiting.order_by("-id").first()
    if found is None:
        raise SystemExit("the worker made no preview in time")
    return str(found.uuid)


def _deposit_the_next() -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from demo.aaf import generate
    from demo.authorities import AUTHORITIES
    from directory.imports.deposits.services import deposit
    from directory.models import Authority
    from ent.audit.origin import Origin

    demo = AUTHORITIES[0]
    account = _administrator()
    if account is None:
        raise SystemExit("nobody may deposit in this database")
    with tempfile.TemporaryDirectory(prefix="preau-shots-") as folder:
        later = dataclasses.replace(demo.deliveries[0], mutate=0.05, date=date(2026, 10, 5))
        generate(later, Path(folder))
        deposit(
            authority=Authority.objects.get(code=demo.code),
            files=[
                SimpleUploadedFile(file.name, file.read_bytes())
                for file in sorted(Path(folder).iterdir())
            ],
            actor=account.person.uuid,
            origin=Origin(),
        )


def session_cookie(who: str, url: str) -> tuple[str, str]:
    """Open a session of an account that *who* names, and return its cookie."""
    from django.conf import settings
    from django.test import Client

    client = Client(SERVER_NAME=urlsplit(url).hostname or "127.0.0.1")
    account = _ACCOUNTS[who]()
    if account is None:
        raise SystemExit(f"no account for {who} in this database")
    client.force_login(account)
    from tests.cast import mark_verified  # reads the models: after setup

    mark_verified(client)
    name = settings.SESSION_COOKIE_NAME
    return name, client.cookies[name].value


def _guardian() -> Account | None:
    """A parent with as many children as possible."""
    from django.db.models import Count

    from accounts.enums import AccountState
    from accounts.models import Account

    return (
        Account.objects.filter(state=AccountState.ACTIVE)
        .annotate(children=Count("person__children_links"))
        .order_by("-children", "pk")
        .first()
    )


def _administrator() -> Account | None:
    from accounts.enums import AccountState
    from accounts.models import Account
    from directory.enums import Role
    from directory.models import RoleGrant

    grants = RoleGrant.objects.in_force().filter(role=Role.ENT_ADMINISTRATOR)
    return Account.objects.filter(
        person__in=grants.values("person"), state=AccountState.ACTIVE
    ).first()


def _pupil() -> Account | None:
    from accounts.enums import AccountState
    from accounts.models import Account
    from directory.enums import Profile

    return Account.objects.filter(person__profile=Profile.PUPIL, state=AccountState.ACTIVE).first()


_ACCOUNTS: dict[str, Callable[[], Account | None]] = {
    "guardian": _guardian,
    "administrator": _administrator,
    "pupil": _pupil,
}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
