"""The administration, by « SPR »: sign-in, delegation, the base itself, the lists."""

from __future__ import annotations

import hmac
import urllib.parse
from typing import Final

from demo.pronote.base.base import Base
from demo.pronote.base.lists import cells_of, columns_of, csv_of, xlsx_of
from demo.pronote.base.people import Population
from demo.pronote.base.storage import BaseUnreadable
from demo.pronote.entry.cas import Endpoint
from demo.pronote.entry.sessions import Session
from demo.pronote.reconciliation.keys import as_openssh, as_pem, as_ssh2
from demo.pronote.web.messages import Response, Visit, cookie_of, download, go
from demo.pronote.web.pages import desk_page, page
from demo.pronote.web.paging import page_of

HOME: Final = "/pronote/administration/"
SIGN_IN: Final = f"{HOME}connexion"
_SUPERVISOR: Final = "SPR"


def sign_in_form(visit: Visit) -> Response:
    """Show the form of the vendor's client."""
    return page("sign_in", school=visit.program.base.school, error="")


def sign_in(visit: Visit) -> Response:
    """Let « SPR » in: the direct sign-in of the administration, which no ENT replaces."""
    form = visit.request.form
    password = form.get("mot_de_passe", "")
    is_right = hmac.compare_digest(password.encode(), visit.program.settings.password.encode())
    if form.get("identifiant", "").strip().upper() != _SUPERVISOR or not is_right:
        error = "Identifiant ou mot de passe incorrect."
        return page("sign_in", status=403, school=visit.program.base.school, error=error)
    key = visit.program.sessions.open(Session(is_supervisor=True))
    return go(HOME, cookie_of(key, of_the_desk=True))


def sign_out(visit: Visit) -> Response:
    """Close the client; what was not saved stays in memory, as for any other client."""
    visit.program.sessions.end(visit.key)
    return go(SIGN_IN)


def home(visit: Visit) -> Response:
    """Open on the pupils."""
    return go(f"{HOME}listes/{Population.PUPILS.value}")


def people_list(visit: Visit) -> Response:
    """Show a list as Pronote does, with « Identifiant CAS » when it is asked for."""
    base = visit.program.base
    population = Population(visit.captured["population"])
    sought = visit.request.query.get("nom", "").strip()
    rows = [
        list(zip(columns_of(base, population), cells, strict=True))
        for person, cells in cells_of(base, population)
        if sought.casefold() in person.name.casefold()
    ]
    return desk_page(
        visit,
        "list",
        tab="listes",
        population=population,
        headings=columns_of(base, population),
        page=page_of(rows, visit.request.query, nom=sought),
        sought=sought,
        shows_identifiers=base.delegation.shows_identifiers,
    )


def export_list(visit: Visit) -> Response:
    """Give a list as the file that Pronote exports."""
    population = Population(visit.captured["population"])
    if visit.captured.get("form") == "xlsx":
        return download(
            xlsx_of(visit.program.base, population),
            f"{population.value}.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    content = csv_of(visit.program.base, population)
    return download(content, f"{population.value}.csv", "text/csv; charset=windows-1252")


def show_identifiers(visit: Visit) -> Response:
    """« Activer la gestion des identifiants ENT », ticked or not."""
    program = visit.program
    program.base.delegation.shows_identifiers = "actif" in visit.request.form
    program.note_change()
    return go(f"{HOME}listes/{Population(visit.captured['population']).value}")


def delegation(visit: Visit) -> Response:
    """The tab « Intégration dans un ENT »."""
    return _delegation_page(visit)


def change_delegation(visit: Visit) -> Response:
    """« Valider »: take the delegation as the form says it."""
    form, program = visit.request.form, visit.program
    address = form.get("adresse", "").strip().rstrip("/")
    ent = form.get("ent", "")
    error = _fault_of_delegation(visit, ent, address)
    if error:
        return _delegation_page(visit, error=error, status=400)
    chosen = program.base.delegation
    chosen.ent = ent
    # The address of the list is not kept: it is followed when it changes.
    chosen.cas_base_url = "" if address == program.settings.ents.get(ent, "") else address
    chosen.endpoint = Endpoint(form.get("validation", "")).value
    chosen.allows_direct = "direct" in form
    chosen.hears_sign_out = "deconnexion" in form
    program.note_change()
    visit.supervisor.notice = "Les paramètres de l’ENT sont pris en compte. Pensez à enregistrer."
    return go(f"{HOME}ent")


def _fault_of_delegation(visit: Visit, ent: str, address: str) -> str:
    """Return what is wrong with the form, in French, "" when nothing is."""
    if ent and ent not in visit.program.settings.ents:
        return "Choisissez l’ENT dans la liste des ENT."
    if visit.request.form.get("validation", "") not in [one.value for one in Endpoint]:
        return "Choisissez une adresse de validation dans la liste."
    parts = urllib.parse.urlsplit(address)
    if ent and not (parts.scheme in ("http", "https") and parts.netloc):
        return "Donnez l’adresse du serveur CAS de cet ENT : elle commence par https:// ou http://."
    if parts.path.endswith("/login"):
        return "L’adresse du serveur CAS se donne sans /login à la fin."
    return ""


def _delegation_page(visit: Visit, *, error: str = "", status: int = 200) -> Response:
    program = visit.program
    return desk_page(
        visit,
        "delegation",
        status=status,
        tab="ent",
        error=error,
        delegation=program.base.delegation,
        ents=list(program.settings.ents),
        address=program.cas_base_url or program.settings.cas_base_url,
        endpoints=[one.value for one in Endpoint],
        public_url=program.public_url,
    )


def base_page(visit: Visit) -> Response:
    """Save, reload, back up, restore, and the vendor's public key."""
    return _base_page(visit)


def act_on_base(visit: Visit) -> Response:
    """Do one of these acts."""
    program, session = visit.program, visit.supervisor
    match visit.captured["act"]:
        case "enregistrer":
            program.save()
            session.notice = "La base est enregistrée."
        case "recharger":
            program.reload()
            session.notice = "Les modifications non enregistrées sont abandonnées."
        case "sauvegarder":
            session.notice = f"Sauvegarde faite : {program.back_up()}."
        case _:
            try:
                program.restore(visit.request.form.get("sauvegarde", ""))
            except BaseUnreadable as error:
                return _base_page(visit, error=str(error), status=400)
            session.notice = "La base est revenue à l’état de la sauvegarde choisie."
    return go(f"{HOME}base")


def _base_page(visit: Visit, *, error: str = "", status: int = 200) -> Response:
    base: Base = visit.program.base
    return desk_page(
        visit,
        "base",
        status=status,
        tab="base",
        error=error,
        backups=visit.program.backups(),
        imports=base.imports[::-1],
    )


def public_key(visit: Visit) -> Response:
    """Give the vendor's public key in one of its forms; it is no secret."""
    key = visit.program.key.public_key()
    forms = {"pronote.pub": as_ssh2, "pronote.openssh.pub": as_openssh, "pronote.pem": as_pem}
    name = visit.captured["name"]
    return download(forms[name](key).encode(), name, "text/plain; charset=us-ascii")
