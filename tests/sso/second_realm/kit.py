"""The second realm for the protocol's tests."""

from __future__ import annotations

from uuid import UUID

from django.test import Client
from django.utils import timezone

from directory.models import Person
from signin.enums import Realm
from signin.sessions.recent_proof import AUTHENTICATED_AT_KEY
from signin.sessions.store import EPOCH_KEY, PRINCIPAL_KEY


class SecondRealmKit:
    """See `tests.sso.realm_kits.RealmKit`."""

    realm = Realm.GUICHET
    other = Realm.PORTAL
    sign_in_page = "/entrer/"
    form_page = "/entrer/"
    in_place = "formulaire=1"
    strength_page = "/preuve/"
    signed_in_words = "Vous êtes connecté"

    def admit(self, person: Person, login: str) -> None:
        """The directory alone says who signs in."""
        person.login = login
        person.save(update_fields=["login"])

    def sign_in(self, client: Client, person: Person) -> None:
        """Open a session of the person."""
        session = client.session
        session.update(
            {
                PRINCIPAL_KEY: str(person.uuid),
                EPOCH_KEY: 0,
                AUTHENTICATED_AT_KEY: timezone.now().timestamp(),
            }
        )
        session.save()

    def principal(self, person: Person) -> UUID:
        """Tickets know a person by the directory's UUID."""
        return person.uuid
