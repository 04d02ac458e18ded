"""« Services tiers »: registering, opening, naming, and what is refused (R-G2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from directory.models import Person
from ent.audit.models import AuditEvent
from sso.catalogue.access import may_open, services_for
from sso.catalogue.registration import change_service
from sso.enums import AddressUse, AttributeSource, RequiredStrength
from sso.models import Service, ServiceAudience, ServiceGrant, ServiceIdentifier
from tests import factories as make
from tests.cast import Cast
from tests.sso.kit import add_address, make_service

ClientOf = Callable[[Person | None], Client]
NEW = {
    "name": "Médiathèque",
    "description": "Emprunter, réserver.",
    "scheme": "https",
    "host": "Mediatheque.Example.FR",
    "port": "",
    "path": "/entree",
    "icon": "book",
}


def acts() -> list[str]:
    """The journal's words about services, oldest first."""
    found = AuditEvent.objects.filter(act__startswith="service:").order_by("pk")
    return list(found.values_list("act", flat=True))


def register(client: Client, preset: str = "generique", **fields: str) -> Service:
    """Register through the screen."""
    answer = client.post(f"/gestion/services/ajouter/{preset}/", NEW | fields)
    assert answer.status_code == 302, answer.content.decode()
    return Service.objects.latest("pk")


def test_a_school_registers_a_service_opens_it_to_its_pupils_and_they_enter(
    cast: Cast, client_of: ClientOf
) -> None:
    browser = client_of(cast.manager_a)
    service = register(browser, etablissement=cast.school_a.uai)
    assert service.school == cast.school_a
    assert service.home_url == "https://mediatheque.example.fr/entree"
    assert not may_open(cast.pupil, service).is_allowed
    browser.post(reverse("services:population", args=[service.uuid]), {"profils": ["eleve"]})
    for person, expected in ((cast.pupil, True), (cast.teacher, False), (cast.pupil_b, False)):
        assert may_open(person, service).is_allowed == expected
        assert (service in services_for(person)) == expected
    assert acts() == ["service:registered", "service:population:added"]


def test_classes_narrow_a_population_and_an_unknown_one_is_named(
    cast: Cast, client_of: ClientOf
) -> None:
    service = make_service(is_for_all=False, school=cast.school_a)
    browser, page = client_of(cast.manager_a), reverse("services:population", args=[service.uuid])
    refused = browser.post(page, {"profils": ["eleve"], "classes": "4e3, 9Z9"})
    assert "9Z9" in refused.content.decode()
    assert not service.audiences.exists()
    browser.post(page, {"profils": ["eleve"], "classes": "4e3"})
    assert may_open(cast.pupil, service).is_allowed
    assert not may_open(cast.classmate, service).is_allowed
    [row] = service.audiences.all()
    browser.post(reverse("services:population-remove", args=[service.uuid]), {"population": row.pk})
    assert not may_open(cast.pupil, Service.objects.get(pk=service.pk)).is_allowed


def test_a_school_cannot_open_its_service_to_another_school(
    cast: Cast, client_of: ClientOf
) -> None:
    """Not by the field that its form does not have, nor through a person of another school."""
    service = make_service(is_for_all=False, school=cast.school_a)
    browser = client_of(cast.manager_a)
    browser.post(
        reverse("services:population", args=[service.uuid]),
        {"profils": ["tous"], "etablissement": cast.school_b.uai},
    )
    assert [row.school for row in service.audiences.all()] == [cast.school_a]
    give = reverse("services:user-give", args=[service.uuid, cast.pupil_b.uuid])
    assert browser.post(give, {}).status_code == 404
    found = browser.get(reverse("services:user-add", args=[service.uuid]), {"q": "Autre"})
    assert "Oscar" not in found.content.decode()


def test_another_schools_service_and_the_portals_do_not_exist_for_a_school(
    cast: Cast, client_of: ClientOf
) -> None:
    other = make_service(code="b", name="Service de B", school=cast.school_b)
    portal = make_service("https://p.example.fr/", code="p", name="Service commun")
    browser = client_of(cast.manager_a)
    listed = browser.get("/gestion/services/").content.decode()
    assert "Service de B" not in listed
    assert "Service commun" not in listed
    for service in (other, portal):
        address = reverse("services:service", args=[service.uuid])
        assert browser.get(address).status_code == 404
    everything = client_of(cast.ent_administrator).get("/gestion/services/").content.decode()
    assert "Service de B" in everything
    assert "Service commun" in everything


def test_the_services_of_the_ent_are_listed_to_be_read(cast: Cast, client_of: ClientOf) -> None:
    listed = client_of(cast.manager_a).get("/gestion/services/").content.decode()
    assert "Annuaire" in listed
    assert "Messagerie" in listed


def test_a_school_cannot_take_the_address_of_another_service(
    cast: Cast, client_of: ClientOf
) -> None:
    """Above or below: the tickets of the other one would carry this one's contract."""
    make_service("https://commun.example.fr/pronote", code="commun", school=cast.school_b)
    browser = client_of(cast.manager_a)
    for path in ("/pronote", "/", "/pronote/eleve.html"):
        answer = browser.post(
            "/gestion/services/ajouter/generique/",
            NEW | {"host": "commun.example.fr", "path": path, "etablissement": cast.school_a.uai},
        )
        assert "déjà celle d’un autre service" in answer.content.decode(), path
    assert Service.objects.count() == 1
    own = register(
        browser, host="commun.example.fr", path="/pronote2", etablissement=cast.school_a.uai
    )
    assert own.addresses.get().path_prefix == "/pronote2"


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("host", "eleve@bon.example.fr", "nom d’utilisateur"),
        ("host", "bon.example.fr\\mal", "inversée"),
        ("host", "bon\u200b.example.fr", "invisible"),
        ("host", "bon.exa\tmple.fr", "invisible"),
        ("host", "https://bon.example.fr", "sans https://"),
        ("host", "bon.example.fr:8443", "propre champ"),
        ("host", "élève.example.fr", "xn--"),
        ("host", "bon..example.fr", "est refusée"),
        ("host", "bon.example.fr.", "est refusée"),
        ("host", "intranet", "nom d’hôte complet"),
        ("host", "un_nom.example.fr", "nom d’hôte complet"),
        ("port", "70000", "65535"),
        ("path", "/cours/../admin", "/../"),
        ("path", "/cours/%2e%2e/admin", "est refusée"),
        ("path", "/cours\\admin", "inversée"),
        ("path", "/cours%5cadmin", "inversée"),
        ("path", "/cours?id=1", "Seulement le chemin"),
        ("path", "/cou rs", "invisible"),
        ("path", "/élève", "sans accent"),
    ],
)
def test_an_address_that_could_be_read_two_ways_is_refused_in_french(
    field: str, typed: str, words: str, cast: Cast, client_of: ClientOf
) -> None:
    """T-B6."""
    browser = client_of(cast.ent_administrator)
    answer = browser.post("/gestion/services/ajouter/generique/", NEW | {field: typed})
    assert answer.status_code == 200
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert not Service.objects.exists()


def test_the_tile_leads_to_the_service_and_nowhere_else(cast: Cast, client_of: ClientOf) -> None:
    service = make_service(school=cast.school_a, home_url="https://app.example.fr/entree")
    form = {
        "name": "App", "description": "", "contact": "", "required_strength": "aucune",
        "opens_on": "", "closes_on": "", "icon": "book",
    }  # fmt: skip
    browser, page = client_of(cast.manager_a), reverse("services:service", args=[service.uuid])
    for wrong in ("https://ailleurs.example.fr/", "https://app.example.fr@mal.example/entree"):
        browser.post(page, form | {"home_url": wrong})
        service.refresh_from_db()
        assert service.home_url == "https://app.example.fr/entree"
    browser.post(page, form | {"home_url": "https://app.example.fr/entree/eleve"})
    service.refresh_from_db()
    assert service.home_url == "https://app.example.fr/entree/eleve"
    assert acts() == ["service:changed"]


def test_a_setting_that_somebody_made_impossible_meanwhile_is_said(
    cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another administrator removes the address that the tile was about to lead to."""
    service = make_service(school=cast.school_a)
    place = add_address(service, "https://autre.example.fr/")
    browser = client_of(cast.manager_a)

    def change_late(**asked: Any) -> Service:
        place.delete()
        return change_service(**asked)

    monkeypatch.setattr("sso.desk.registration.views.change_service", change_late)
    form = {
        "name": "App", "required_strength": "aucune", "icon": "book",
        "home_url": "https://autre.example.fr/",
    }  # fmt: skip
    answer = browser.post(reverse("services:service", args=[service.uuid]), form)
    assert answer.status_code == 200
    assert "l’une des adresses du service" in answer.content.decode()
    service.refresh_from_db()
    assert service.home_url == ""


def test_protocol_settings_are_the_portals(cast: Cast, client_of: ClientOf) -> None:
    """A school's administrator neither sees nor sends them."""
    service = make_service(school=cast.school_a)
    form = {
        "name": "App", "required_strength": "aucune", "icon": "book",
        "may_proxy": "on", "ticket_seconds": "60", "position": "1",
    }  # fmt: skip
    client_of(cast.manager_a).post(reverse("services:service", args=[service.uuid]), form)
    service.refresh_from_db()
    assert service.name == "App"
    assert (service.may_proxy, service.ticket_seconds, service.position) == (False, 10, 100)


def test_a_named_user_enters_until_withdrawn_at_their_next_request(
    cast: Cast, client_of: ClientOf
) -> None:
    service = make_service(is_for_all=False, school=cast.school_a)
    browser = client_of(cast.manager_a)
    users = reverse("services:users", args=[service.uuid])
    assert "Aucun enregistrement" in browser.get(users).content.decode()
    give = reverse("services:user-give", args=[service.uuid, cast.teacher.uuid])
    yesterday = timezone.localdate() - timedelta(days=1)
    assert "date est passée" in browser.post(give, {"expires_on": yesterday}).content.decode()
    assert browser.post(give, {"expires_on": timezone.localdate()}).status_code == 302
    assert "déjà accès" in browser.post(give, {}).content.decode()
    teacher = client_of(cast.teacher)
    ask = "/cas/login?service=https://app.example.fr/entree"
    assert teacher.get(ask).status_code == 303
    [grant] = service.grants.all()
    assert cast.teacher.full_name in browser.get(users).content.decode()
    browser.post(reverse("services:user-withdraw", args=[service.uuid, grant.uuid]))
    assert teacher.get(ask).status_code == 403
    over = browser.get(users, {"etat": "termines"}).content.decode()
    assert cast.teacher.full_name in over
    assert acts() == ["service:access:granted", "service:access:withdrawn"]


def test_an_access_that_ran_out_can_be_given_again(cast: Cast, client_of: ClientOf) -> None:
    service = make_service(is_for_all=False, school=cast.school_a)
    yesterday = timezone.localdate() - timedelta(days=1)
    ServiceGrant.objects.create(service=service, person=cast.teacher, expires_on=yesterday)
    assert not may_open(cast.teacher, service).is_allowed
    give = reverse("services:user-give", args=[service.uuid, cast.teacher.uuid])
    assert client_of(cast.manager_a).post(give, {}).status_code == 302
    assert may_open(cast.teacher, service).is_allowed


def test_closing_keeps_identities_and_deleting_takes_a_typed_name(
    cast: Cast, client_of: ClientOf
) -> None:
    service = make_service(school=cast.school_a)
    ServiceIdentifier.objects.create(person=cast.pupil, service=service, value="x" * 26)
    browser = client_of(cast.manager_a)
    browser.post(reverse("services:opening", args=[service.uuid]), {"etat": "ferme"})
    service.refresh_from_db()
    assert not service.is_open
    assert ServiceIdentifier.objects.count() == 1
    delete = reverse("services:delete", args=[service.uuid])
    page = " ".join(browser.get(delete).content.decode().split())
    assert "1 personne y a un identifiant" in page
    browser.post(delete, {"name": "autre chose"})
    assert Service.objects.count() == 1
    browser.post(delete, {"name": "service APP"})
    assert not Service.objects.exists()
    assert acts() == ["service:closed", "service:deleted"]


@pytest.mark.parametrize("page", ["delete", "contract", "addresses", "service"])
def test_what_cannot_be_undone_asks_for_the_password_again(page: str, cast: Cast) -> None:
    """R-B9: the session of somebody who signed in long ago."""
    service = make_service(school=cast.school_a, required_strength=RequiredStrength.KEY)
    client = Client()
    client.force_login(cast.manager_a.account)
    session = client.session
    session["authenticated_at"] = 0
    session.save()
    form = {"name": service.name, "use": "connexion", "scheme": "https", "host": "z.example.fr"}
    form |= {"required_strength": "aucune", "icon": "book"}
    answer = client.post(reverse(f"services:{page}", args=[service.uuid]), form)
    assert answer.status_code == 303
    assert "confirm" in answer.headers["Location"]
    assert service.addresses.count() == 1
    assert not acts()


def test_registering_a_service_asks_for_the_password_again_before_anything_is_typed(
    cast: Cast,
) -> None:
    """R-B9: a new address is trusted with tickets, a population says who gets them."""
    client = Client()
    client.force_login(cast.manager_a.account)
    session = client.session
    session["authenticated_at"] = 0
    session.save()
    page = "/gestion/services/ajouter/generique/"
    for answer in (client.get(page), client.post(page, NEW)):
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/mon-compte/confirmer/?next=")
    assert not Service.objects.exists()
    stranger = Client()
    stranger.force_login(cast.teacher.account)
    assert stranger.get(page).status_code == 403
    service = make_service(school=cast.school_a, is_for_all=False)
    population = reverse("services:population", args=[service.uuid])
    asked = client.post(population, {"profils": ["eleve"]})
    assert asked.headers["Location"].startswith("/mon-compte/confirmer/?next=")
    assert not service.audiences.exists()


def test_a_service_keeps_the_address_that_its_tile_leads_to(
    cast: Cast, client_of: ClientOf
) -> None:
    service = make_service(school=cast.school_a, home_url="https://app.example.fr/entree")
    remove = reverse("services:address-remove", args=[service.uuid])
    browser, first = client_of(cast.manager_a), service.addresses.get()
    browser.post(remove, {"adresse": first.pk})
    assert service.addresses.count() == 1
    second = add_address(service, "https://app.example.fr:8443/")
    browser.post(remove, {"adresse": first.pk})
    assert service.addresses.count() == 2
    browser.post(remove, {"adresse": second.pk})
    assert service.addresses.get() == first


def test_what_is_nominative_leaves_only_when_it_was_ticked(cast: Cast, client_of: ClientOf) -> None:
    """R-G3: presets propose, administrators decide."""
    browser = client_of(cast.ent_administrator)
    plain = register(browser, preset="moodle", host="m1.example.fr")
    ticked = register(browser, preset="moodle", host="m2.example.fr", usual="on")
    assert plain.user_attribute == AttributeSource.OPAQUE_ID
    assert not plain.attributes.exists()
    assert [one.name for one in ticked.attributes.all()] == ["firstname", "lastname", "mail"]
    assert {one.use for one in plain.addresses.all()} == {AddressUse.SIGN_IN}
    assert not ServiceAudience.objects.exists()


def test_rights_withdrawn_meanwhile_write_nothing(cast: Cast) -> None:
    """T-F4: the rights are read again inside the transaction."""
    from django.core.exceptions import PermissionDenied

    from directory.rights.actors import actor_for
    from ent.audit.origin import Origin
    from sso.catalogue.locking import ActorAndOrigin
    from sso.catalogue.registration import set_open

    service = make_service(school=cast.school_a)
    by = ActorAndOrigin(actor=actor_for(cast.manager_a), origin=Origin())
    cast.manager_a.role_grants.update(withdrawn_at=timezone.now())
    with pytest.raises(PermissionDenied):
        set_open(service=service, is_open=False, by=by)
    assert Service.objects.get().is_open


def test_the_list_costs_the_same_for_thirty_services(cast: Cast, client_of: ClientOf) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser = client_of(cast.ent_administrator)
    browser.get("/gestion/services/")
    counts = []
    for batch in range(2):
        for number in range(10):
            make_service(
                f"https://s{batch}-{number}.example.fr/",
                code=f"s{batch}-{number}",
                school=make.make_school() if batch else None,
            )
        with CaptureQueriesContext(connection) as asked:
            browser.get("/gestion/services/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_an_empty_form_opens_to_nobody(cast: Cast, client_of: ClientOf) -> None:
    """Everybody is a box that is ticked, never what was forgotten."""
    service = make_service(is_for_all=False)
    page = reverse("services:population", args=[service.uuid])
    browser = client_of(cast.ent_administrator)
    assert "au moins un profil" in browser.post(page, {}).content.decode()
    assert not service.audiences.exists()
    browser.post(page, {"profils": ["tous", "eleve"]})
    [row] = service.audiences.all()
    assert (row.profile, row.school, row.group) == ("", None, None)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "169.254.169.254", "[::1]"]
)
def test_a_school_cannot_aim_the_ent_at_its_own_machine(
    host: str, cast: Cast, client_of: ClientOf
) -> None:
    """Single logout posts to what is registered."""
    fields = NEW | {"host": host, "etablissement": cast.school_a.uai}
    answer = client_of(cast.manager_a).post("/gestion/services/ajouter/generique/", fields)
    assert answer.status_code == 200
    assert not Service.objects.exists()


def test_the_list_finds_a_name_without_its_accents(cast: Cast, client_of: ClientOf) -> None:
    make_service(name="Médiathèque", code="m")
    make_service("https://b.example.fr/", name="Moodle", code="b")
    listed = client_of(cast.ent_administrator).get("/gestion/services/", {"q": "mediatheque"})
    assert "Médiathèque" in listed.content.decode()
    assert "Moodle" not in listed.content.decode()
