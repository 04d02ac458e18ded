"""Two kinds of doors that only the tests have: everything that CAS does not do.

One sends the nonce there and back, keeps a state of its own and posts its answer from another site,
as SAML's POST binding and OIDC's `form_post` do. The other asks for the secret here, as LDAP does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch
from urllib.parse import urlencode

from django.http import HttpRequest

from accounts.doors.base.departure import Departure
from accounts.doors.base.forms import DoorForm
from accounts.doors.base.models import Door
from accounts.doors.base.protocol import (
    Assertion,
    DoorError,
    DoorProtocol,
    Return,
    SignOut,
    Start,
    TrialResult,
)
from accounts.doors.base.registry import PROTOCOLS
from accounts.enums import DoorFault, DoorKind
from signin.enums import Method

THERE = "https://ailleurs.example/entrer"


@dataclass
class OtherSide:
    """What the other side knows: who an answer is, and whose secret is right."""

    people: dict[str, tuple[str, str]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    fault: DoorFault | None = None
    asked: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    signed_out: list[str] = field(default_factory=list)
    names_no_answer: bool = False


class _Toy(DoorProtocol):
    form = DoorForm

    def __init__(self, there: OtherSide) -> None:
        self.there = there

    def has_server(self, door: Door) -> bool:
        return True

    def subject(self, raw: str) -> str:
        return raw.strip().lower()

    def address_to_declare(self, door: Door) -> str:
        return f"https://ent.example/guichet/{door.code}/"

    def try_out(self, door: Door) -> tuple[list[TrialResult], DoorFault | None]:
        return [TrialResult(tried="ailleurs", is_well=True, words="Tout va bien.")], None

    def _ask(self, question: str) -> None:
        self.there.asked.append(question)
        if self.there.fault is not None:
            raise DoorError(self.there.fault)


class PostingProtocol(_Toy):
    """Answers are posted back from the other site, with the nonce in `RelayState`."""

    longest_post = 4096

    def start(self, door: Door, departure: Departure) -> Start:
        query = urlencode({"RelayState": departure.nonce})
        return Start(address=f"{THERE}?{query}", state={"request": f"R-{departure.nonce}"})

    def classify(self, request: HttpRequest, door: Door) -> Return | SignOut | None:
        if "SAMLLogout" in request.POST:
            return SignOut(sessions=(request.POST["SAMLLogout"],))
        if "RelayState" not in request.POST:
            return None
        answer = request.POST.get("SAMLResponse", "")
        values = {"SAMLResponse": answer} if answer else {}
        return Return(values=values, nonce=request.POST["RelayState"])

    def come_back(self, door: Door, returned: Return, departure: Departure | None) -> Assertion:
        assert departure is not None, "a protocol with a nonce is never asked without departure"
        self._ask(returned.values["SAMLResponse"])
        self.there.states.append(departure.state["request"])
        subject, mail = self.there.people[returned.values["SAMLResponse"]]
        return Assertion(
            subject=self.subject(subject),
            attributes={"mail": (mail,)},
            is_fresh=subject.endswith("!"),
            answer="" if self.there.names_no_answer else returned.values["SAMLResponse"],
            session=f"session of {subject}",
        )

    def signed_in(self, request: HttpRequest, door: Door, account: object, said: Assertion) -> None:
        self.there.signed_in.append(said.subject)

    def signed_out(self, account: object) -> None:
        self.there.signed_out.append(str(account))


class AskingProtocol(_Toy):
    """The secret is typed here, and the other side says whether it is right."""

    asks_for_secret = True
    can_be_tried = True

    def check(self, door: Door, login: str, secret: str) -> Assertion | None:
        self._ask(login)
        if self.there.secrets.get(login) != secret:
            return None
        return Assertion(
            subject=self.subject(login),
            attributes={"mail": (self.there.people[login][1],)},
            methods=frozenset({Method.ACADEMIC}),
            is_fresh=True,
        )


@contextmanager
def toy_kinds() -> Iterator[OtherSide]:
    """Register both kinds: « post », and one in the place of LDAP."""
    there = OtherSide()
    toys = {"post": PostingProtocol(there), DoorKind.LDAP: AskingProtocol(there)}
    with patch.dict(PROTOCOLS, toys):
        yield there
