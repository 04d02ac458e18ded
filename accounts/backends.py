"""Django's authentication backends, reduced to what we let them do.

`authenticate()` of any library (the operators' admin has a form of its own) proves nothing here:
people come in through a door (`accounts.services.sign_in`), which counts tries and bounds hashing.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest
from django_cas_ng.backends import CASBackend
from django_cas_ng.signals import cas_user_authenticated

from accounts.doors import Assertion, Demand, way_of
from accounts.models import Account, Door
from accounts.services.bindings import account_of
from ent.audit.origin import Origin


class DoorBackend(BaseBackend):
    """Finds the account of a session; never checks a secret."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Refuse: there is no side door."""
        return

    def get_user(self, user_id: int) -> Account | None:
        """Return the account that a session names."""
        return Account.objects.select_related("person").filter(pk=user_id).first()


class AcademicBackend(CASBackend):
    """django-cas-ng's backend with several servers, and with our bindings for its user names.

    It is called by the return of a door and is in no list of Django's: `authenticate()` of the
    framework never reaches it.
    """

    def __init__(self, door: Door, demand: Demand) -> None:
        self.door = door
        self.demand = demand
        self.assertion: Assertion | None = None

    def authenticate(  # type: ignore[override]  # its own base has another signature, too
        self, request: HttpRequest, ticket: str, service: str
    ) -> Account:
        """Validate the ticket, then find the account that its subject is bound to.

        Raises `DoorError` when the server gives no answer that counts, `BindingRefusedError` when
        nobody here is the one it names.
        """
        assertion = way_of(self.door).come_back(self.door, {"ticket": ticket}, self.demand)
        self.assertion = assertion
        origin = Origin.of(request, door=self.door.code)
        account = account_of(door=self.door, assertion=assertion, origin=origin)
        cas_user_authenticated.send(
            sender=self,
            user=account,
            created=False,
            username=assertion.subject,
            attributes=dict(assertion.attributes),
            pgtiou=None,
            ticket=ticket,
            service=service,
            request=request,
        )
        return account

    def clean_username(self, username: str) -> str:
        """One spelling for each subject."""
        return way_of(self.door).subject(username)
