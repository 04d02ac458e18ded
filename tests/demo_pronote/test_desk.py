"""The administration: who enters it, and what the delegation changes for everybody else."""

from __future__ import annotations

from pathlib import Path

import requests

from demo.pronote.program import Program
from tests.demo_pronote.conftest import PEOPLE
from tests.demo_pronote.kit import DESK, Desk, person, serving, settings_for

CAS = "https://ent.example.fr/cas"


def test_only_the_supervisor_enters_and_only_with_the_password(desk: Desk) -> None:
    stranger = Desk(desk.program, desk.url)
    for path in ("", "listes/eleves", "listes/eleves/export", "import", "ent", "base"):
        answer = requests.get(f"{desk.url}{DESK}{path}", allow_redirects=False, timeout=10)
        assert answer.headers["Location"] == f"{DESK}connexion"
    assert "incorrect" in stranger.enter("wrong").text
    assert not stranger.browser.cookies
    assert "DELAUNAY" in stranger.enter().text
    stranger.post("deconnexion")
    assert "Client Pronote" in stranger.get("listes/eleves").text


def test_a_form_of_another_site_is_refused(desk: Desk) -> None:
    before = desk.token
    desk.token = "forged"
    answer = desk.post("base/sauvegarder")
    assert answer.status_code == 403
    assert not desk.program.backups()
    desk.token = before
    assert "Sauvegarde faite" in desk.post("base/sauvegarder").text


def delegate(desk: Desk, program: Program, **form: str) -> requests.Response:
    usual = {"ent": program.settings.our_ent, "adresse": CAS, "validation": "p3/serviceValidate"}
    return desk.post("ent", **(usual | form))


def test_the_delegation_is_chosen_in_the_list_of_ents(desk: Desk) -> None:
    page = desk.get("ent").text
    assert "Choisir l’ENT dans la liste des ENT" in page
    assert "Préau (Région de démonstration) : Mode avec alimentation" in page
    answer = delegate(desk, desk.program)
    assert "pris en compte" in answer.text
    delegation = desk.program.base.delegation
    assert (delegation.endpoint, delegation.allows_direct) == ("p3/serviceValidate", False)
    assert desk.program.cas_base_url == CAS
    space = requests.get(f"{desk.url}/pronote/eleve.html", allow_redirects=False, timeout=10)
    assert space.headers["Location"].startswith(f"{CAS}/login?service=http:%2F%2F127.0.0.1")


def test_a_delegation_that_makes_no_sense_is_refused_with_the_reason(desk: Desk) -> None:
    for form, reason in (
        ({"adresse": f"{CAS}/login"}, "sans /login"),
        ({"adresse": "ent.example.fr"}, "https://"),
        ({"ent": "Un autre"}, "liste des ENT"),
        ({"validation": "autre"}, "adresse de validation"),
    ):
        answer = delegate(desk, desk.program, **form)
        assert answer.status_code == 400
        assert reason in answer.text
    assert not desk.program.base.delegation.ent


def test_the_direct_sign_in_is_refused_while_its_box_is_not_ticked(folder: Path) -> None:
    people = [*PEOPLE, person(50, "eleves", "DIRECT", "Tom", login="TDIRECT", password="un deux")]
    with serving(settings_for(folder, people, cas_base_url=CAS, is_delegated=True)) as desk:
        desk.enter()
        address = f"{desk.url}/pronote/eleve.html?login=true"
        form = {"identifiant": "TDIRECT", "mot_de_passe": "un deux"}
        assert requests.get(address, timeout=10).status_code == 403
        assert requests.post(address, data=form, timeout=10).status_code == 403
        delegate(desk, desk.program, direct="1")
        assert "Connexion directe" in requests.get(address, timeout=10).text
        assert "Bonjour Tom" in requests.Session().post(address, data=form, timeout=10).text
        wrong = requests.post(address, data={**form, "mot_de_passe": ""}, timeout=10)
        assert (wrong.status_code, "incorrect" in wrong.text) == (403, True)
        elsewhere = requests.post(address.replace("eleve", "parent"), data=form, timeout=10)
        assert elsewhere.status_code == 403
        nobody = {"identifiant": "", "mot_de_passe": ""}
        assert requests.post(address, data=nobody, timeout=10).status_code == 403


def test_without_delegation_a_space_asks_for_pronotes_own_password(desk: Desk) -> None:
    assert "Connexion directe" in requests.get(f"{desk.url}/pronote/eleve.html", timeout=10).text
    assert requests.get(f"{desk.url}/pronote/accompagnant.html", timeout=10).status_code == 404
    assert requests.get(f"{desk.url}/autre", timeout=10).status_code == 404


def test_the_session_of_a_pupil_opens_no_administration(folder: Path) -> None:
    people = [person(50, "eleves", "DIRECT", "Tom", login="TDIRECT", password="un deux")]
    with serving(settings_for(folder, people)) as desk:
        browser = requests.Session()
        form = {"identifiant": "TDIRECT", "mot_de_passe": "un deux"}
        browser.post(f"{desk.url}/pronote/eleve.html", data=form, timeout=10)
        key = str(browser.cookies["pronote"])
        answer = requests.get(
            f"{desk.url}{DESK}listes/eleves", cookies={"pronote_spr": key}, timeout=10
        )
        assert "Client Pronote" in answer.text
        assert "Bonjour Tom" in browser.get(f"{desk.url}/pronote/eleve.html", timeout=10).text
        browser.get(f"{desk.url}/pronote/deconnexion", timeout=10)
        after = browser.get(f"{desk.url}/pronote/eleve.html", timeout=10)
        assert "Bonjour Tom" not in after.text


def test_the_public_key_is_given_to_anybody(desk: Desk) -> None:
    answer = requests.get(f"{desk.url}/pronote/cle/pronote.pub", timeout=10)
    assert answer.text.startswith("---- BEGIN SSH2 PUBLIC KEY ----")
    assert "PRIVATE" not in answer.text
