"""Which step is due before anything opens."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from guichet.agents.models import AcademicCredential
from guichet.authority.current import current_guichet
from guichet.authority.models import Guichet
from guichet.sign_in.marks import FirstUse
from signin.enums import Method
from signin.sessions.methods import session_methods

SECOND_CODE = "guichet:second_code"
CHOOSE_PIN = "guichet:choose_pin"
CHOOSE_PASSWORD = "guichet:choose_password"  # noqa: S105 - the name of a page
PROVE_KEY = "guichet:prove_key"


def pending_step(request: HttpRequest) -> str | None:
    """Return the page that comes before all others for who is signed in."""
    first_use = FirstUse.of(request)
    if first_use is not None:
        return CHOOSE_PIN if first_use.is_second_code_given else SECOND_CODE
    agent = cast("AcademicCredential", request.user)
    methods = session_methods(request)
    if agent.must_choose_password and not methods.isdisjoint({Method.CODE, Method.PASSWORD}):
        return CHOOSE_PASSWORD
    if Method.KEY not in methods and requires_key(agent, current_guichet()):
        return PROVE_KEY
    return None


def requires_key(agent: AcademicCredential, guichet: Guichet) -> bool:
    """Does the authority require the key of this person, or of their function?"""
    return agent.requires_key or (
        bool(agent.function) and agent.function in guichet.functions_with_key
    )
