"""Every address of the program, and who answers it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from demo.pronote.base.people import Population
from demo.pronote.web import desk, entering, reconciling
from demo.pronote.web.messages import Response, Visit
from demo.pronote.web.pages import style

View = Callable[[Visit], Response]
_POPULATION: Final = "(?P<population>" + "|".join(one.value for one in Population) + ")"
_PERSON: Final = r"/(?P<number>\d{1,9})"
_SPACE: Final = r"(mobile\.)?(?P<space>[a-z]{1,20})\.html"


@dataclass(frozen=True, slots=True)
class Route:
    """One address: its method, the pattern of its path, and its view."""

    method: str
    pattern: re.Pattern[str]
    view: View
    is_supervised: bool = False
    """For « SPR » alone."""


def _open(method: str, path: str, view: View) -> Route:
    return Route(method, re.compile(path), view)


def _supervised(method: str, path: str, view: View) -> Route:
    return Route(method, re.compile(desk.HOME + path), view, is_supervised=True)


def _style(visit: Visit) -> Response:
    return Response(body=style(), content_type="text/css; charset=utf-8")


ROUTES: Final = (
    _open("GET", "/pronote/", entering.index),
    _open("GET", "/pronote/style.css", _style),
    _open("GET", f"/pronote/{_SPACE}", entering.space),
    _open("POST", f"/pronote/{_SPACE}", entering.sign_in_directly),
    _open("GET", "/pronote/deconnexion", entering.sign_out),
    _open("GET", r"/pronote/cle/(?P<name>pronote(\.openssh)?\.pub|pronote\.pem)", desk.public_key),
    _open("GET", desk.SIGN_IN, desk.sign_in_form),
    _open("POST", desk.SIGN_IN, desk.sign_in),
    _supervised("GET", "", desk.home),
    _supervised("POST", "deconnexion", desk.sign_out),
    _supervised("GET", f"listes/{_POPULATION}", desk.people_list),
    _supervised("GET", rf"listes/{_POPULATION}/export(\.(?P<form>xlsx))?", desk.export_list),
    _supervised("POST", f"listes/{_POPULATION}/identifiants", desk.show_identifiers),
    _supervised("GET", "ent", desk.delegation),
    _supervised("POST", "ent", desk.change_delegation),
    _supervised("GET", "import", reconciling.import_form),
    _supervised("POST", "import", reconciling.take_file),
    _supervised("GET", f"rapprochement/{_POPULATION}", reconciling.supervise),
    _supervised("GET", f"rapprochement{_PERSON}", reconciling.choose),
    _supervised("POST", f"rapprochement{_PERSON}/valider", reconciling.validate),
    _supervised("POST", f"rapprochement{_PERSON}/confirmer", reconciling.confirm),
    _supervised("POST", f"rapprochement{_PERSON}/defaire", reconciling.part),
    _supervised("GET", "base", desk.base_page),
    _supervised(
        "POST", "base/(?P<act>enregistrer|recharger|sauvegarder|restaurer)", desk.act_on_base
    ),
)
