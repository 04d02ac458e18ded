"""The portal for the protocol's tests: accounts, and the door « autres comptes »."""

from __future__ import annotations

from uuid import UUID

from django.test import Client

from directory.models import Person
from signin.enums import Realm
from tests import factories as make
from tests.accounts.signing import no_terms


class PortalKit:
    """See `tests.sso.realm_kits.RealmKit`."""

    realm = Realm.PORTAL
    other = Realm.GUICHET
    sign_in_page = "/connexion/"
    form_page = "/connexion/autres-comptes/"
    in_place = "guichet=autres-comptes"
    strength_page = "/connexion/preuve-demandee/"
    signed_in_words = "Vous êtes connecté"

    def prepare(self) -> None:
        """The portal is there from the beginning."""

    def admit(self, person: Person, login: str) -> None:
        """Give the person an active account, and nobody terms to accept."""
        no_terms()
        make.make_account(person=person, login=login)

    def sign_in(self, client: Client, person: Person) -> None:
        """Open a session of the account."""
        client.force_login(person.account)

    def principal(self, person: Person) -> UUID:
        """Tickets know an account by its UUID."""
        return person.account.uuid
