"""The pictures of the guide « Rapprocher Pronote et l’ENT », from a running demonstration.

    python -m tests.guide_pictures [--url http://127.0.0.1:8000]

Both sides: the portal as its administrator sees it, and the demonstration's Pronote as « SPR ».
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from tests.kit.browser import find_chromium

TO: Final = Path("static/img/pronote")
_WIDE, _HIGH = 960, 640


def main() -> int:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.demo")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    import django

    django.setup()
    from pronote_bridge.instances.models import Instance
    from tests.shots import session_cookie

    instance = Instance.objects.latest("pk")
    TO.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        context = browser.new_context(
            viewport={"width": _WIDE, "height": _HIGH}, locale="fr-FR", reduced_motion="reduce"
        )
        name, value = session_cookie("administrator", options.url)
        context.add_cookies([{"name": name, "value": value, "url": options.url}])
        page = context.new_page()
        _portal(page, options.url, str(instance.uuid))
        _pronote(page, f"{instance.address.rstrip('/')}/administration/")
        browser.close()
    return 0


def _portal(page: Page, url: str, instance: str) -> None:
    from django.urls import reverse

    for picture, view in (
        ("ent-instance", "pronote:instance"),
        ("ent-rapport", "pronote:report"),
        ("ent-fichier", "pronote:ask"),
    ):
        page.goto(f"{url}{reverse(view, args=[instance])}")
        _take(page, picture)


def _pronote(page: Page, administration: str) -> None:
    page.goto(administration)
    page.get_by_label("Identifiant").fill("SPR")
    page.get_by_label("Mot de passe").fill("spr du preau")
    page.get_by_role("button", name="Se connecter").click()
    for picture, path in (
        ("pronote-delegation", "ent"),
        ("pronote-import", "import"),
        ("pronote-controle", "rapprochement/eleves"),
    ):
        answer = page.goto(f"{administration}{path}")
        if answer is None or not answer.ok:
            raise SystemExit(f"{path}: no such page")
        _take(page, picture)


def _take(page: Page, picture: str) -> None:
    page.screenshot(path=TO / f"{picture}.png")
    sys.stdout.write(f"{picture}: {(TO / f'{picture}.png').stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    sys.exit(main())
