"""Real clients, unmodified, over HTTP against the running portal (3-cas 1.3)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
from cas import CASClient
from django.conf import settings
from lxml import html

from directory.models import Person
from sso.enums import AttributeSource
from sso.logout import notices as logout
from sso.models import LogoutNotice, ReleasedAttribute, ServiceIdentifier
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.conftest import require
from tests.kit.ports import free_port
from tests.kit.server import LiveSite
from tests.sso.kit import make_service
from tests.sso.services import within

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = Path(__file__).parent / "clients"
APACHE = next(
    (path for path in ("/usr/sbin/apache2", "/usr/sbin/httpd") if Path(path).exists()), ""
)
MODULES = Path("/usr/lib/apache2/modules")


class Visitor:
    """A browser without script, signed in to the portal on its way to the first service."""

    def __init__(self, site: LiveSite) -> None:
        self.site = site
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, address: str) -> requests.Response:
        """Follow every redirect, and type the password where the portal asks for it."""
        answer = self.session.get(address, timeout=20)
        if urlsplit(answer.url).path != "/connexion/":
            return answer
        query = parse_qs(urlsplit(answer.url).query)
        asked = f"{self.site.url}{query['next'][0]}&guichet=autres-comptes"
        return self.sign_in(asked)

    def sign_in(self, asked: str) -> requests.Response:
        """Post the first form of the page as a reader of pages does: all inputs, no Referer."""
        page = self.session.get(asked, timeout=20)
        form = html.fromstring(page.text).find(".//form")
        assert form is not None
        fields = {str(i.get("name")): str(i.get("value") or "") for i in form.iterfind(".//input")}
        fields |= {"username": "manon.eleve", "password": make.PASSWORD}
        return self.session.post(page.url, data=fields, timeout=20)

    def ticket_for(self, login_url: str) -> str:
        """Return the ticket with which the portal sends the browser back."""
        answer = self.session.get(login_url, allow_redirects=False, timeout=20)
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        return query.get("ticket", query.get("SAMLart", [""]))[0]


@pytest.fixture
def person(transactional_db: None) -> Person:
    no_terms()
    found = make.make_person(
        given_name="Manon", family_name="Nom1 & <Fils>", school=make.make_school()
    )
    make.make_account(person=found, login="manon.eleve")
    return found


def registered(address: str, code: str = "client") -> None:
    service = make_service(address, code=code, releases_over_http=True)
    ReleasedAttribute.objects.create(
        service=service, name="nom", source=AttributeSource.FAMILY_NAME
    )


def opaque_id(person: Person) -> str:
    return ServiceIdentifier.objects.get(person=person).value


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A client in its own process, ready when it says so."""
    environment = {**os.environ, "PYTHONPATH": ""}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    with (folder / "client.log").open("w") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment, cwd=folder
        )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", (folder / "client.log").read_text()
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.mark.parametrize("version", ["1", "2", "3", "CAS_2_SAML_1_0"])
@pytest.mark.parametrize(
    "query", ["a=1&b=%20c", "f=a|b", "f={1|2}", "f=a^b`", "q=a?", "?", "q=a b", "q=été", "f=a\\b"]
)
def test_python_cas(version: str, query: str, person: Person, live_site: LiveSite) -> None:
    service = f"http://127.0.0.1:9/app?{query}"
    registered("http://127.0.0.1:9/app")
    client = CASClient(version=version, service_url=service, server_url=f"{live_site.url}/cas/")
    visitor = Visitor(live_site)
    with pytest.raises(requests.ConnectionError):  # nobody listens at the service
        visitor.get(client.get_login_url())
    ticket = visitor.ticket_for(client.get_login_url())
    user, attributes, _ = client.verify_ticket(ticket)
    assert user == opaque_id(person)
    if version != "1":
        assert attributes["nom"] == "Nom1 & <Fils>"
    assert client.verify_ticket(ticket)[0] is None


def test_django_cas_ng_signs_in_and_hears_the_sign_out(
    person: Person, live_site: LiveSite, tmp_path: Path
) -> None:
    port = free_port()
    registered(f"http://127.0.0.1:{port}/")
    command = [sys.executable, str(CLIENTS / "django_client.py"), str(port)]
    with running([*command, f"{live_site.url}/cas/", str(tmp_path)], tmp_path):
        visitor = Visitor(live_site)
        home = f"http://127.0.0.1:{port}/qui/"
        assert visitor.get(home).text == opaque_id(person)
        assert visitor.session.get(home, timeout=20).text == opaque_id(person)
        for query in ("f=a|b", "f={1|2}", "q=a?", "q=été", "q=a b", "f=a\\b", f"q={'a' * 1500}"):
            visitor.session.cookies.pop("sessionid")
            answer = visitor.session.get(f"{home}?{query}", timeout=20)
            assert answer.text == opaque_id(person), query
        visitor.session.post(f"{live_site.url}/cas/logout", timeout=20)
        assert logout.send_due() == 8
        assert not LogoutNotice.objects.filter(sent_at=None).exists()
        answer = visitor.session.get(home, allow_redirects=False, timeout=20)
        assert answer.status_code == 302


def test_apache_mod_auth_cas_signs_in_and_hears_the_sign_out(
    person: Person, live_site: LiveSite, tmp_path: Path
) -> None:
    require(bool(APACHE) and (MODULES / "mod_auth_cas.so").exists(), "Apache with mod_auth_cas")
    port = free_port()
    home = f"http://127.0.0.1:{port}/page.html"
    registered(home)
    with apache(tmp_path, port, f"{live_site.url}/cas"):
        assert within(20, lambda: answers(home))
        visitor = Visitor(live_site)
        answer = visitor.get(f"{home}?a=1&b=%3A")
        assert answer.text == "secret"
        assert answer.headers["X-Remote-User"] == opaque_id(person)
        visitor.session.get(f"{live_site.url}/cas/logout", timeout=20)
        assert logout.send_due() == 1
        assert LogoutNotice.objects.get().sent_at is not None
        answer = visitor.session.get(home, allow_redirects=False, timeout=20)
        assert answer.status_code == 302
        assert "/cas/login" in answer.headers["Location"]


def answers(address: str) -> bool:
    try:
        requests.get(address, allow_redirects=False, timeout=2)
    except requests.RequestException:
        return False
    return True


@contextmanager
def apache(folder: Path, port: int, cas: str) -> Iterator[None]:
    """Apache in the foreground, in a folder of its own."""
    base = Path("/tmp") / f"preau-apache-{port}"
    (base / "site").mkdir(parents=True)
    (base / "cookies").mkdir()
    (base / "site" / "page.html").write_text("secret", encoding="utf-8")
    is_root = os.getuid() == 0
    text = (CLIENTS / "apache.conf").read_text(encoding="utf-8")
    user = "User www-data\nGroup www-data" if is_root else ""
    values = {"{folder}": base, "{port}": port, "{cas}": cas, "{modules}": MODULES, "{user}": user}
    for name, value in values.items():
        text = text.replace(name, str(value))
    (base / "apache.conf").write_text(text, encoding="utf-8")
    if is_root:
        shutil.chown(base / "cookies", "www-data", "www-data")
    # Apache ends its whole process group: it needs one of its own.
    process = subprocess.Popen(
        [APACHE, "-DFOREGROUND", "-f", str(base / "apache.conf")], start_new_session=True
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)
        shutil.rmtree(base, ignore_errors=True)


@pytest.mark.parametrize("version", ["CAS1.0", "CAS2.0", "CAS3.0", "CAS3.0-with-saml"])
def test_node_passport_cas(
    version: str, person: Person, live_site: LiveSite, tmp_path: Path
) -> None:
    modules = node_modules()
    port = free_port()
    home = f"http://127.0.0.1:{port}/"
    registered(home)
    script = modules.parent / "client.js"
    command = [str(shutil.which("node")), str(script), str(port), f"{live_site.url}/cas", version]
    with running(command, tmp_path):
        found = Visitor(live_site).get(home).json()
    assert found["user"] == opaque_id(person)
    if version != "CAS1.0":
        assert found["attributes"]["nom"] == "Nom1 & <Fils>"


def node_modules() -> Path:
    """The client's modules, installed from the locked list by `scripts/test_tools.sh`."""
    folder = Path(settings.BASE_DIR) / "var" / "node-clients"
    require(
        bool(shutil.which("node")) and (folder / "node_modules").is_dir(),
        "Node with its test client (scripts/test_tools.sh)",
    )
    shutil.copy(CLIENTS / "node" / "client.js", folder / "client.js")
    return folder / "node_modules"


def test_perl_authen_cas_client(person: Person, live_site: LiveSite) -> None:
    probe = subprocess.run(
        ["perl", "-MAuthen::CAS::Client", "-e", "1"], capture_output=True, check=False
    )
    require(probe.returncode == 0, "Perl's Authen::CAS::Client")
    service = "http://127.0.0.1:9/app"
    registered(service)
    visitor = Visitor(live_site)
    login = f"{live_site.url}/cas/login?service={quote(service, safe='')}"
    with pytest.raises(requests.ConnectionError):
        visitor.get(login)
    ticket = visitor.ticket_for(login)
    program = ["perl", str(CLIENTS / "validate.pl"), f"{live_site.url}/cas", service, ticket]
    answer = subprocess.run(program, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == opaque_id(person)


def test_a_reader_of_pages_signs_in_over_a_named_door(person: Person, live_site: LiveSite) -> None:
    """What `pronotepy` does: `username`, `password`, every hidden input, to the page's own URL."""
    port = free_port()
    service = f"http://127.0.0.1:{port}/pronote/eleve.html"
    registered(service)
    visitor = Visitor(live_site)
    asked = f"{live_site.url}/cas/login?service={quote(service, safe='')}&guichet=autres-comptes"
    with pytest.raises(requests.ConnectionError) as refused:
        visitor.sign_in(asked)
    assert refused.value.request is not None
    assert str(refused.value.request.url).startswith(f"{service}?ticket=ST-")


@pytest.mark.parametrize("megabytes", [1, 3, 5])
def test_a_large_form_is_answered_in_xml_by_the_server_itself(
    megabytes: int, live_site: LiveSite, transactional_db: None
) -> None:
    """A connection that is closed on what was not read would look like a server that is down."""
    form = {"ticket": "ST-1", "service": "http://127.0.0.1:9/", "more": "a" * megabytes * 1_000_000}
    for _ in range(3):
        answer = requests.post(f"{live_site.url}/cas/serviceValidate", data=form, timeout=20)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("application/xml")
        code = "INVALID_TICKET" if megabytes == 1 else "INVALID_REQUEST"
        assert f'code="{code}"' in answer.text
