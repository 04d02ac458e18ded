"""The realm that the protocol's tests run in: the portal's, or another one in its own process."""

from __future__ import annotations

from typing import Protocol, cast
from uuid import UUID

from django.conf import settings
from django.test import Client
from django.utils.module_loading import import_string

from directory.models import Person
from signin.enums import Realm


class RealmKit(Protocol):
    """What a realm's tests must know of its sign-in."""

    realm: Realm
    other: Realm
    sign_in_page: str
    """Where `/cas/login` leads somebody who is not signed in."""
    form_page: str
    """Where a form is posted; ``?next=`` says where it leads."""
    in_place: str
    """The parameter that shows the form on `/cas/login` itself."""
    strength_page: str
    """Where a stronger proof is given."""
    signed_in_words: str

    def prepare(self) -> None:
        """Make what the realm has before anybody comes."""

    def admit(self, person: Person, login: str) -> None:
        """Let the person sign in with this login and `factories.PASSWORD`."""

    def sign_in(self, client: Client, person: Person) -> None:
        """Sign the person in a moment ago, without any form."""

    def principal(self, person: Person) -> UUID:
        """Return what the realm's tickets know the person by."""


def realm_kit() -> RealmKit:
    """Return the kit that the settings name, the portal's by default."""
    path = getattr(settings, "SSO_REALM_KIT", "tests.sso.portal_kit.PortalKit")
    return cast("RealmKit", import_string(path)())
