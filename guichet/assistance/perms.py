"""Who holds the helpdesk's right, and on whom it may act (R-C4).

The right is the directory's role « Assistance » of the agent's person for this authority, read at
each request. In this realm heads are users like others; colleagues of the helpdesk and ENT
administrators are out of reach, and so is oneself: `manage.py create_helpdesk` helps them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from directory.enums import Role
from directory.models import Authority, RoleGrant
from directory.rights.perms import YES, Verdict
from guichet.agents.current import agent_of
from guichet.agents.models import AcademicCredential
from guichet.authority.current import current_guichet
from signin.enums import Method
from signin.sessions.methods import session_methods, strength_address

_P = ParamSpec("_P")
View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def is_helpdesk(agent: AcademicCredential, authority: Authority) -> bool:
    """Does the agent's person hold the role for this authority, now?"""
    if agent.person_id is None:
        return False
    grants = RoleGrant.objects.in_force().filter(person_id=agent.person_id)
    return grants.filter(role=Role.HELPDESK, authority=authority).exists()


def for_helpdesk(view: View[_P]) -> View[_P]:
    """Let in whoever holds the right and came with their key itself, not with its rescue."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        if not is_helpdesk(agent_of(request), current_guichet().authority):
            raise PermissionDenied("not of the helpdesk")
        methods = session_methods(request)
        if Method.KEY not in methods or Method.RESCUE in methods:
            address = strength_address(required=Method.KEY, next_path=request.get_full_path())
            return HttpResponseRedirect(address, status=303)
        return view(request, *args, **kwargs)

    return answer


def can_act_on(actor: AcademicCredential, agent: AcademicCredential) -> Verdict:
    """May the helpdesk change this agent's keys and password?"""
    if actor.pk == agent.pk:
        return Verdict(
            is_allowed=False, reason="On n’agit pas sur ses propres accès : demandez à un collègue."
        )
    if agent.person_id is not None:
        grants = RoleGrant.objects.in_force().filter(person_id=agent.person_id)
        if grants.filter(role__in=[Role.HELPDESK, Role.ENT_ADMINISTRATOR]).exists():
            return Verdict(
                is_allowed=False,
                reason="Cette personne est de l’assistance ou administre l’ENT : l’exploitant la "
                "dépanne, par la commande create_helpdesk.",
            )
    return YES
