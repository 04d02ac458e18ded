"""Who signs in at this academy: the people of a file, whose passwords are public."""

import json
from typing import Any

from cas_server.auth import AuthUser
from django.conf import settings
from django.http import HttpRequest

_NAMES = {"nancy-metz": "Nancy-Metz", "reims": "Reims"}


class AcademyUser(AuthUser):
    """One login of `people.json`."""

    def test_password(self, password: str) -> bool:
        """Compare with the file: this is a demonstration."""
        known = self._known()
        return bool(known) and bool(password) and password == known.get("password")

    def attributs(self) -> dict[str, Any]:
        """What the academy says of the person (the library's own spelling)."""
        return dict(self._known().get("attributes", {}))

    def _known(self) -> dict[str, Any]:
        try:
            people = json.loads((settings.FOLDER / "people.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return dict(people.get(settings.ACADEMY, {}).get(self.username, {}))


def name_of_the_academy(request: HttpRequest) -> dict[str, str]:
    """The words at the top of each page."""
    return {"academy_name": _NAMES.get(settings.ACADEMY, settings.ACADEMY)}
