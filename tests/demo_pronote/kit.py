"""The stand-in for Pronote under test, and files that the product's own code encrypts for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from demo.pronote.program import Program
from demo.pronote.settings import PASSWORD_OF_SUPERVISOR, Settings
from demo.pronote.web.pages import UNDEFINED
from demo.pronote.web.server import Server
from pronote_bridge.enums import EnvelopeKind
from pronote_bridge.format.document import Lists
from pronote_bridge.format.envelopes import write_file
from pronote_bridge.format.rows import (
    GuardianRow,
    Header,
    PupilRow,
    SchoolRow,
    StaffRow,
    TeacherRow,
)

DESK = "/pronote/administration/"
UAI = "0541111A"


@dataclass(kw_only=True)
class Someone:
    """A person of the ENT, for the rows of a file; the identifier is `id-<ident>` by itself."""

    ident: int
    family_name: str
    given_name: str
    birth_date: date | None = None
    guardians: tuple[int, ...] = ()
    identifier: str = ""

    def __post_init__(self) -> None:
        self.identifier = self.identifier or f"id-{self.ident}"

    @property
    def names(self) -> tuple[int, str, str, str]:
        """What every row begins with."""
        return self.ident, self.family_name, self.given_name, self.identifier


@dataclass(kw_only=True)
class Ent:
    """The four lists of a file."""

    staff: list[Someone] = field(default_factory=list)
    teachers: list[Someone] = field(default_factory=list)
    guardians: list[Someone] = field(default_factory=list)
    pupils: list[Someone] = field(default_factory=list)

    def lists(self, uai: str = UAI) -> Lists:
        """The rows that the product's writer takes."""
        return Lists(
            schools=[SchoolRow(0, uai, "Collège Aristide-Briand")],
            staff=[StaffRow(*one.names) for one in self.staff],
            teachers=[TeacherRow(*one.names, birth_date=one.birth_date) for one in self.teachers],
            guardians=[GuardianRow(*one.names) for one in self.guardians],
            pupils=[
                PupilRow(*one.names, birth_date=one.birth_date, guardians=one.guardians)
                for one in self.pupils
                if one.birth_date is not None
            ],
        )


HEADER = Header(
    partner_id="ENT_PREAU",
    partner_name="Préau & <associés>",
    exported_at=datetime(2026, 9, 1, 8, 30, 15, tzinfo=timezone(timedelta(hours=2))),
    uai=UAI,
    version="1.0",
)


def file_for(key: RSAPublicKey, ent: Ent, *, uai: str = UAI) -> bytes:
    """The encrypted file, as the product writes it."""
    out = BytesIO()
    write_file(
        out.write,
        kind=EnvelopeKind.VENDOR,
        header=replace(HEADER, uai=uai),
        lists=ent.lists(uai),
        public_key=key,
    )
    return out.getvalue()


def person(number: int, population: str, family: str, given: str, **fields: Any) -> dict[str, Any]:
    """One of the base's people."""
    return {
        "number": number,
        "population": population,
        "family_name": family,
        "given_name": given,
        **fields,
    }


def settings_for(folder: Path, people: Sequence[dict[str, Any]], **fields: Any) -> Settings:
    """Settings of a new base of these people; *folder* may hold a key already."""
    path = folder / "people.json"
    school = {"uai": UAI, "name": "Collège Aristide-Briand"}
    path.write_text(json.dumps({"school": school, "people": list(people)}), encoding="utf-8")
    return Settings(base_folder=folder, port=0, people=path, **fields)


@dataclass
class Desk:
    """« SPR » at the vendor's client: pages are read for the session's token and for faults."""

    program: Program
    url: str
    browser: requests.Session = field(default_factory=requests.Session)
    token: str = ""

    def enter(self, password: str = PASSWORD_OF_SUPERVISOR) -> requests.Response:
        """Sign in as « SPR »."""
        form = {"identifiant": "SPR", "mot_de_passe": password}
        return self._read(self.browser.post(f"{self.url}{DESK}connexion", data=form, timeout=20))

    def get(self, path: str) -> requests.Response:
        """Open a page of the administration."""
        return self._read(self.browser.get(f"{self.url}{DESK}{path}", timeout=20))

    def post(self, path: str, **form: str) -> requests.Response:
        """Send a form of the administration, with the token of the last page."""
        data = {"jeton": self.token, **form}
        return self._read(self.browser.post(f"{self.url}{DESK}{path}", data=data, timeout=20))

    def give(self, content: bytes) -> requests.Response:
        """Import a file."""
        answer = self.browser.post(
            f"{self.url}{DESK}import",
            data={"jeton": self.token},
            files={"fichier": ("0541111A.xml", content, "text/xml")},
            timeout=60,
        )
        return self._read(answer)

    def take(self, ent: Ent) -> requests.Response:
        """Import what the product writes of these people."""
        return self.give(file_for(self.program.key.public_key(), ent))

    def _read(self, answer: requests.Response) -> requests.Response:
        if answer.headers["Content-Type"].startswith("text/html"):
            assert UNDEFINED[0] not in answer.text, answer.text
            found = re.search(r'name="jeton" value="([^"]+)"', answer.text)
            self.token = found[1] if found else self.token
        return answer


@contextmanager
def serving(settings: Settings) -> Iterator[Desk]:
    """The program on a free port, in a thread."""
    program = Program(settings)
    server = Server(program)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Desk(program, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def identifiers(program: Program) -> dict[int, str]:
    """Return number → identifier of whoever is paired."""
    return {one.number: one.identifier for one in program.base.people.values() if one.identifier}


def service_in(location: str) -> str:
    """Return the service that an address of sign-in names."""
    return unquote(location.partition("service=")[2])


def shown(program: Program) -> list[dict[str, Any]]:
    """Return the people of the base in memory, as plain values."""
    return [asdict(one) for one in program.base.people.values()]
