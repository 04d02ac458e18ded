"""Coming in: over the CAS server of the ENT, or by Pronote's own sign-in."""

from __future__ import annotations

import hmac
from typing import Final

from demo.pronote.base.people import Person
from demo.pronote.entry.cas import (
    Endpoint,
    TicketRefused,
    ended_ticket,
    identifier_of,
    login_address,
)
from demo.pronote.entry.sessions import Session
from demo.pronote.entry.spaces import SPACES, Space, spaces_of, spaces_of_identifier, visitor
from demo.pronote.web.messages import Response, Visit, cookie_of, go
from demo.pronote.web.pages import page
from demo.pronote.web.rooms import space_page

_NO_DIRECT: Final = (
    "L’authentification directe par Pronote n’est pas autorisée dans cet établissement. Entrez par "
    "l’ENT."
)


def index(visit: Visit) -> Response:
    """The choice of a space."""
    return page("index", school=visit.program.base.school, spaces=list(SPACES.values()))


def space(visit: Visit) -> Response:
    """A space: for who is in, else the way in."""
    wanted = SPACES.get(visit.captured["space"])
    if wanted is None:
        return _refused("Cet espace n’est pas publié par l’établissement.", status=404)
    query = visit.request.query
    if query.get("login") == "true":
        return _direct_form(visit, wanted)
    if "ticket" in query:
        return _enter(visit, wanted, query["ticket"])
    if visit.session is not None:
        return _inside(visit, wanted, visit.session)
    if not visit.program.cas_base_url:
        return _direct_form(visit, wanted)
    return go(login_address(visit.program.cas_base_url, _own_address(visit)))


def sign_in_directly(visit: Visit) -> Response:
    """Take a login and a password of Pronote's own."""
    wanted = SPACES.get(visit.captured["space"])
    form = visit.request.form
    if "logoutRequest" in form:
        return _hear_sign_out(visit, form["logoutRequest"])
    if wanted is None or not _may_be_direct(visit):
        return _refused(_NO_DIRECT, status=403)
    person = _bearer_of_login(visit, wanted, form.get("identifiant", ""))
    password = form.get("mot_de_passe", "")
    if person is None or not hmac.compare_digest(person.password.encode(), password.encode()):
        error = "Identifiant ou mot de passe incorrect pour cet espace."
        return _direct_form(visit, wanted, error=error, status=403)
    return _let_in(visit, Session(number=person.number))


def sign_out(visit: Visit) -> Response:
    """End the session of this browser; that of the ENT stays."""
    visit.program.sessions.end(visit.key)
    return page("left", school=visit.program.base.school)


def _own_address(visit: Visit) -> str:
    """Return the address of the page without query: what a ticket is bound to."""
    return f"{visit.program.public_url}{visit.request.path}"


def _enter(visit: Visit, wanted: Space, ticket: str) -> Response:
    """Validate a ticket and let its bearer in, or say why not."""
    base_url = visit.program.cas_base_url
    if not base_url:
        return _refused("Cette base n’est reliée à aucun ENT.", status=403)
    endpoint = Endpoint(visit.program.base.delegation.endpoint)
    try:
        identifier = identifier_of(base_url, endpoint, _own_address(visit), ticket)
    except TicketRefused as error:
        return _refused(str(error), status=403, again=visit.request.path)
    if visitor(visit.program.base, wanted, identifier) is None:
        return _stranger(visit, wanted, identifier)
    return _let_in(visit, Session(identifier=identifier, ticket=ticket))


def _let_in(visit: Visit, session: Session) -> Response:
    return go(visit.request.path, cookie_of(visit.program.sessions.open(session)))


def _inside(visit: Visit, wanted: Space, session: Session) -> Response:
    """Show the space to whoever the session is of."""
    base = visit.program.base
    if session.identifier:
        person = visitor(base, wanted, session.identifier)
        if person is None:
            return _stranger(visit, wanted, session.identifier)
    else:
        person = base.people.get(session.number)
        if person is None or wanted not in spaces_of(person):
            return _refused("Cet espace n’est pas le vôtre.", status=403)
    is_mobile = visit.request.path.startswith("/pronote/mobile.")
    return space_page(base, wanted, person, is_mobile=is_mobile)


def _stranger(visit: Visit, wanted: Space, identifier: str) -> Response:
    """Refuse who is not known, or not of this space."""
    theirs = spaces_of_identifier(visit.program.base, identifier)
    if theirs:
        words = (
            f"Votre compte de l’ENT n’ouvre pas l’{wanted.name} : il est celui d’autres espaces."
        )
        return _refused(words, status=403, spaces=theirs)
    return _refused(
        "Votre compte de l’ENT n’est pas encore reconnu par Pronote : votre identifiant n’y figure "
        "pas. Adressez-vous à l’établissement, qui doit faire le rapprochement avec l’ENT.",
        status=403,
    )


def _refused(
    words: str, *, status: int, again: str = "", spaces: list[Space] | None = None
) -> Response:
    return page("refused", status=status, words=words, again=again, spaces=spaces or [])


def _may_be_direct(visit: Visit) -> bool:
    """Pronote's own sign-in: when no ENT is chosen, or when the box is ticked."""
    delegation = visit.program.base.delegation
    return not delegation.ent or delegation.allows_direct


def _direct_form(visit: Visit, wanted: Space, *, error: str = "", status: int = 200) -> Response:
    if not _may_be_direct(visit):
        return _refused(_NO_DIRECT, status=403, again=visit.request.path)
    return page(
        "direct", status=status, school=visit.program.base.school, space=wanted, error=error
    )


def _bearer_of_login(visit: Visit, wanted: Space, login: str) -> Person | None:
    """Return who signs in by this login; nobody does without a password."""
    return next(
        (
            one
            for one in visit.program.base.members(wanted.population)
            if one.login and one.password and one.login == login and wanted in spaces_of(one)
        ),
        None,
    )


def _hear_sign_out(visit: Visit, message: str) -> Response:
    """Back-channel sign-out: heard when the setting says so; whether Pronote does is unknown."""
    if not visit.program.base.delegation.hears_sign_out:
        return Response(status=405, content_type="text/plain; charset=utf-8")
    visit.program.sessions.end_of_ticket(ended_ticket(message))
    return Response(content_type="text/plain; charset=utf-8")
