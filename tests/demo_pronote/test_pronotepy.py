"""pronotepy, unmodified, gets its cookies from our sign-in page over HTTPS, and Pronote opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from lxml import html
from pronotepy import ent

from demo.pronote.base.people import EntPerson, Pairing, Population
from sso.release.identifiers import identifiers_for
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.demo_pronote.conftest import PEOPLE
from tests.demo_pronote.https import make_certificate, over_tls
from tests.demo_pronote.kit import serving, settings_for
from tests.kit.server import LiveSite
from tests.sso.kit import make_service

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # Its own: it reads pages by a method that its library calls by another name now.
    pytest.mark.filterwarnings("ignore:Call to deprecated method findAll:DeprecationWarning"),
]

Enter = Callable[..., Any]
#: Its ENTs that take the first form of the page; they are told our address instead of theirs.
WAYS: dict[str, Enter] = {
    name: vars(ent)[name] for name in ("laclasse_lyon", "cas_kosmos", "atrium_sud")
}


@pytest.mark.parametrize("way", WAYS)
def test_its_cookies_open_the_space_without_another_form(
    way: str, live_site: LiveSite, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_terms()
    pupil = make.make_person(given_name="Rose", school=make.make_school())
    make.make_account(person=pupil, login="rose.delaunay")
    certificate, key = make_certificate(folder)
    for variable in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(variable, str(certificate))
    with over_tls(live_site.url, certificate, key) as portal:
        start = settings_for(folder, PEOPLE, cas_base_url=f"{portal}/cas", is_delegated=True)
        with serving(start) as desk:
            service = make_service(f"{desk.url}/pronote/", code="pronote")
            (value,) = identifiers_for(person_ids=[pupil.pk], service_id=service.pk).values()
            known = EntPerson(
                population=Population.PUPILS, identifier=value, family_name="D", given_name="R"
            )
            desk.program.base.pair(desk.program.base.people[1], known, Pairing.BY_HAND)
            page = f"{desk.url}/pronote/eleve.html"
            url = f"{portal}/cas/login?service={quote(page, safe='')}&guichet=autres-comptes"
            cookies = WAYS[way]("rose.delaunay", make.PASSWORD, url=url)
            answer = requests.get(page, cookies=cookies, timeout=20)
    assert answer.url == page
    assert "Bonjour Rose DELAUNAY" in answer.text
    assert html.fromstring(answer.text).find(".//form") is None
