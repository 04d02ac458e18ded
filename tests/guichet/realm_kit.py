"""The guichet for the protocol's tests (`tests.sso.realm_kits`)."""

from __future__ import annotations

from uuid import UUID

from django.test import Client
from django.utils import timezone

from directory.models import Person
from guichet.agents.models import AcademicCredential
from guichet.authority.current import forget_guichet
from guichet.authority.models import Guichet
from signin.enums import Realm
from signin.sessions.recent_proof import AUTHENTICATED_AT_KEY
from signin.sessions.store import EPOCH_KEY, PRINCIPAL_KEY
from tests.guichet import kit


class GuichetKit:
    """Agents of Nancy-Metz, by password."""

    realm = Realm.GUICHET
    other = Realm.PORTAL
    sign_in_page = "/entrer/"
    form_page = "/entrer/"
    in_place = "formulaire=1"
    strength_page = "/preuve/"
    signed_in_words = "Vous êtes connecté"

    def prepare(self) -> None:
        """The guichet of Nancy-Metz."""
        forget_guichet()
        if not Guichet.objects.exists():
            kit.make_guichet()

    def admit(self, person: Person, login: str) -> None:
        """Make the person an agent."""
        self.prepare()
        kit.make_agent(login, guichet=Guichet.objects.get(), person=person)

    def sign_in(self, client: Client, person: Person) -> None:
        """Open a session of the agent."""
        session = client.session
        session.update(
            {
                PRINCIPAL_KEY: str(self.principal(person)),
                EPOCH_KEY: 0,
                AUTHENTICATED_AT_KEY: timezone.now().timestamp(),
            }
        )
        session.save()

    def principal(self, person: Person) -> UUID:
        """Tickets know the agent by its own UUID."""
        return AcademicCredential.objects.get(person=person).uuid
