"""The mire: four answers, doors in place, a choice that may be remembered."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest
from django.core import signing
from django.test import Client

from accounts.mire.remembered_door import COOKIE_NAME
from accounts.models import Door
from directory.enums import AuthorityKind
from directory.models import Authority, School
from tests import factories as make
from tests.accounts.signing import local_door

pytestmark = pytest.mark.django_db


@pytest.fixture
def academy() -> Authority:
    authority = make.make_authority(code="NANCY-METZ", name="Académie de Nancy-Metz")
    local_door(authority)
    other = make.make_authority(code="REIMS", name="Académie de Reims")
    local_door(other)
    local_door(make.make_authority(code="AGRI", name="Agricole", kind=AuthorityKind.AGRICULTURAL))
    return authority


@pytest.fixture
def school(academy: Authority) -> School:
    return make.make_school(authority=academy, name="Collège Colette", uai="0541111A")


def choose(
    client: Client,
    *,
    door: str,
    profil: str = "eleve-parent",
    remember: str = "non",
    query: str = "",
) -> str:
    form = {"profil": profil, f"guichet-{profil}": door, "memoriser": remember}
    return str(client.post(f"/connexion/{query}", form).headers.get("Location", ""))


def test_four_answers_each_with_its_doors(academy: Authority) -> None:
    """R-B1."""
    page = Client().get("/connexion/").content.decode()
    for words in (
        "Vous souhaitez vous connecter à votre ENT en tant que",
        "Élève ou parent",
        "Enseignant",
        "Personnel non enseignant",
        "Autres comptes et invités",
        "de l’académie de Nancy-Metz",
        "des établissements agricoles publics",
        "Mémoriser ce choix",
        "Valider",
    ):
        assert words in page, words
    assert 'type="password"' not in page


def test_non_is_preset(academy: Authority) -> None:
    """R-B2: on a shared computer nobody has to touch it."""
    page = Client().get("/connexion/").content.decode()
    assert 'name="memoriser" value="non" checked' in page
    assert 'name="memoriser" value="oui" checked' not in page


def test_the_door_opens_with_its_reminder(academy: Authority) -> None:
    """R-B4."""
    address = choose(Client(), door="nancy-metz-eleves-parents")
    assert address == "/connexion/nancy-metz-eleves-parents/?profil=eleve-parent"
    page = Client().get(address).content.decode()
    for words in (
        "Élève ou parent",
        "de l’académie de Nancy-Metz",
        "Changer",
        "Identifiant",
        "Mot de passe",
        "Mot de passe oublié",
        "Identifiant oublié",
        "fermez le navigateur",
        "direction de votre établissement",
    ):
        assert words in page, words


def test_an_answer_without_door_is_asked_again(academy: Authority) -> None:
    page = Client().post("/connexion/", {"profil": "enseignant"}).content.decode()
    assert "Choisissez votre guichet" in page
    page = Client().post("/connexion/", {}).content.decode()
    assert "Choisissez qui vous êtes" in page


def test_a_door_of_another_profile_is_refused(academy: Authority) -> None:
    assert choose(Client(), profil="enseignant", door="nancy-metz-eleves-parents") == ""


def test_the_school_one_comes_from_presets_its_authority(school: School) -> None:
    """R-B3, by slug or by UAI."""
    for name in (school.slug, "0541111A", "0541111a"):
        page = Client().get(f"/connexion/?etablissement={name}").content.decode()
        assert 'value="nancy-metz-eleves-parents" checked' in page
        assert 'value="reims-eleves-parents" checked' not in page
        assert "Collège Colette" in page
    query = "?etablissement=0541111A"
    address = choose(Client(), door="nancy-metz-eleves-parents", query=query)
    assert "etablissement=0541111A" in address


@pytest.mark.parametrize("name", ["inconnu", "9999999Z", "' OR 1=1", "x" * 500, "<script>"])
def test_an_unknown_school_is_ignored(name: str, academy: Authority) -> None:
    assert Client().get("/connexion/", {"etablissement": name}).status_code == 200


def test_guichet_in_the_address_opens_that_doors_form_first(academy: Authority) -> None:
    """R-B3: the first form of the page, with `username` and `password`, as real clients read it."""
    page = Client().get("/connexion/?guichet=nancy-metz-eleves-parents").content.decode()
    first = page[page.index("<form") : page.index("</form>")]
    assert 'name="username"' in first
    assert 'name="password"' in first


def test_every_input_of_the_form_has_a_name(academy: Authority) -> None:
    from lxml import html

    tree = html.fromstring(Client().get("/connexion/nancy-metz-eleves-parents/").content)
    inputs = [found for form in tree.iter("form") for found in form.iter("input")]
    assert len(inputs) == 3
    assert all(found.get("name") for found in inputs)


def test_a_remembered_local_door_opens_at_once_and_can_be_changed(academy: Authority) -> None:
    """R-B2."""
    client = Client()
    choose(client, door="nancy-metz-eleves-parents", remember="oui")
    answer = client.get("/connexion/?next=/mon-compte/")
    assert answer.headers["Location"].startswith("/connexion/nancy-metz-eleves-parents/?next=")
    assert "Changer" in client.get(answer.headers["Location"]).content.decode()
    page = client.get("/connexion/?changer=1").content.decode()
    assert "Vous souhaitez vous connecter" in page


def test_a_remembered_door_that_is_closed_says_so_and_offers_another(academy: Authority) -> None:
    """R-B2."""
    client = Client()
    choose(client, profil="enseignant", door="nancy-metz-agents", remember="oui")
    page = client.get("/connexion/").content.decode()
    assert "ce guichet est fermé pour le moment" in page
    assert "Que faire en attendant" in page
    assert "Changer" in page


def test_non_forgets_what_was_remembered(academy: Authority) -> None:
    """T-A12."""
    client = Client()
    choose(client, door="nancy-metz-eleves-parents", remember="oui")
    choose(client, door="nancy-metz-eleves-parents", remember="non", query="?changer=1")
    assert "Vous souhaitez vous connecter" in client.get("/connexion/").content.decode()


@pytest.mark.parametrize(
    "value",
    [
        "https://evil.example/",
        "//evil.example",
        "nancy-metz-eleves-parents",
        "x" * 4096,
        signing.dumps(
            ["eleve-parent", "https://evil.example"], salt="accounts.mire.remembered_door"
        ),
        signing.dumps(["eleve-parent", "inconnu"], salt="accounts.mire.remembered_door"),
        signing.dumps(["autre", "nancy-metz-eleves-parents"], salt="accounts.mire.remembered_door"),
        signing.dumps({"a": 1}, salt="accounts.mire.remembered_door"),
        signing.dumps(["eleve-parent", "nancy-metz-eleves-parents"], salt="another"),
        signing.dumps(
            ["eleve-parent", "nancy-metz-eleves-parents"], salt="accounts.mire.remembered_door"
        )[:-1],
    ],
    ids=[
        "address",
        "address-without-scheme",
        "unsigned-code",
        "four-kilobytes",
        "signed-address",
        "signed-unknown-door",
        "signed-other-profile",
        "signed-other-shape",
        "signed-for-something-else",
        "cut-signature",
    ],
)
def test_a_tampered_choice_is_ignored_and_the_mire_is_shown(value: str, academy: Authority) -> None:
    """T-A12."""
    client = Client()
    client.cookies = SimpleCookie({COOKIE_NAME: value})
    answer = client.get("/connexion/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Vous souhaitez vous connecter" in page
    assert "evil" not in page


def test_an_academic_door_is_honest(academy: Authority) -> None:
    """R-B1, R-B5: listed, and says what to do while it is not open."""
    page = Client().get("/connexion/nancy-metz-agents/?profil=enseignant").content.decode()
    assert "pas encore ouvert" in page
    assert 'type="password"' not in page
    posted = Client().post("/connexion/nancy-metz-agents/", {"username": "a", "password": "b"})
    assert "pas encore ouvert" in posted.content.decode()


def test_a_closed_local_door_asks_no_password(academy: Authority) -> None:
    Door.objects.filter(code="nancy-metz-eleves-parents").update(is_open=False)
    page = Client().get("/connexion/nancy-metz-eleves-parents/").content.decode()
    assert 'type="password"' not in page


def test_standard_doors_are_opened_once(academy: Authority) -> None:
    before = Door.objects.count()
    local_door(academy)
    assert Door.objects.count() == before


@pytest.mark.parametrize("page", ["mot-de-passe-oublie", "identifiant-oublie"])
def test_what_was_forgotten_leads_to_the_school(page: str, school: School) -> None:
    School.objects.filter(pk=school.pk).update(phone="03 83 00 00 00")
    shown = Client().get(f"/connexion/{page}/?etablissement={school.uai}").content.decode()
    assert "03 83 00 00 00" in shown
    assert Client().get(f"/connexion/{page}/").status_code == 200
