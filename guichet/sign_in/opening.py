"""Opening a session for an agent, and adding to it what is proved later."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from ent.audit.origin import Origin, device_family
from guichet import journal
from guichet.agents.current import agent_or_nobody
from guichet.agents.models import AcademicCredential
from guichet.enums import Verdict
from guichet.sign_in.attempts import SignIn
from guichet.sign_in.marks import FIRST_USE_KEY, FirstUse
from signin.destinations import forget_destinations
from signin.enums import Method
from signin.sessions.methods import METHODS_KEY, note_methods
from signin.sessions.recent_proof import note_proof
from signin.sessions.store import (
    AGENT_KEY,
    EPOCH_KEY,
    PRINCIPAL_KEY,
    SIGN_ON_KEY,
    new_sign_on,
)


def open_session(request: HttpRequest, result: SignIn) -> None:
    """Give the browser a session of who signed in; the same person keeps theirs, with a new key.

    A first use proves nothing yet: the session leads to its steps and nowhere else.
    """
    agent = result.agent
    if agent is None:
        raise AssertionError("nobody signed in")
    if _is_same(request, agent):
        forget_destinations(request)
        note_methods(request, *result.methods)
        request.session[EPOCH_KEY] = agent.epoch
        request.session.cycle_key()
    else:
        _open(request, agent, result.methods)
    if result.verdict == Verdict.FIRST_USE and result.key is not None:
        request.session[FIRST_USE_KEY] = FirstUse.begun(result.key).as_json()
    note_proof(request)
    rotate_token(request)
    request.user = agent  # type: ignore[assignment]


def add_key(request: HttpRequest) -> None:
    """The key was proved in this session (R-C6): a new key and a new forgery secret for it."""
    note_methods(request, Method.KEY)
    note_proof(request)
    request.session.cycle_key()
    rotate_token(request)


def close_session(request: HttpRequest) -> None:
    """End the session; harmless for somebody signed out."""
    agent = agent_or_nobody(request)
    if agent is not None:
        journal.signed_out(agent, origin=Origin.of(request))
    request.session.flush()
    rotate_token(request)
    request.user = AnonymousUser()


def _is_same(request: HttpRequest, agent: AcademicCredential) -> bool:
    known = agent_or_nobody(request)
    return known is not None and (known.pk, known.epoch) == (agent.pk, agent.epoch)


def _open(request: HttpRequest, agent: AcademicCredential, methods: Iterable[Method]) -> None:
    request.session.flush()
    request.session.update(
        {
            PRINCIPAL_KEY: str(agent.uuid),
            EPOCH_KEY: agent.epoch,
            SIGN_ON_KEY: new_sign_on(),
            AGENT_KEY: device_family(request.headers.get("User-Agent", ""))[:40],
            METHODS_KEY: sorted(method.value for method in methods),
        }
    )
