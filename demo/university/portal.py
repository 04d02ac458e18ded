"""The university as the portal of the demonstration knows it."""

from __future__ import annotations

from typing import Final

from accounts.enums import Audience, DoorKind, MatchOn
from accounts.models import Door, LdapDoor
from demo.university import slapd
from directory.enums import AuthorityKind, Profile
from directory.imports.runs.state import ImportOutcome
from directory.imports.university.services import read_directory
from directory.models import Authority, LdapDirectory
from sso.models import Service, ServiceAudience

_UAI: Final = "0541999U"
_NAME: Final = "Université de démonstration"
_MEMBERS: Final = (Profile.STUDENT, Profile.TEACHER, Profile.STAFF)
#: Code, name, words, icon of the six services of R-I2.
SERVICES: Final = (
    ("annonces", "Annonces", "Les annonces de l’université.", "news"),
    ("listes", "Listes de diffusion", "Les listes où vous êtes, et qui y écrit.", "mail"),
    ("bureau", "Bureau virtuel", "Vos logiciels, de partout.", "external"),
    ("resultats", "Résultats", "Vos notes et vos relevés.", "check"),
    ("cours", "Plateforme de cours", "Les cours en ligne.", "book"),
    ("bibliotheque", "Bibliothèque", "Le catalogue et vos prêts.", "search"),
)
#: Code, audiences and filter of each door.
_DOORS: Final = (
    ("univ-etudiants", (Audience.STUDENT,), "(eduPersonPrimaryAffiliation=student)"),
    (
        "univ-personnels",
        (Audience.TEACHER, Audience.STAFF),
        "(eduPersonPrimaryAffiliation=employee)",
    ),
)


def make_university(*, server: str, authorities: str) -> ImportOutcome:
    """Write or correct everything, then read the directory."""
    authority, _ = Authority.objects.get_or_create(
        code="UNIV-DEMO", defaults={"name": _NAME, "kind": AuthorityKind.UNIVERSITY}
    )
    directory = LdapDirectory.objects.filter(authority=authority).first()
    directory = directory or LdapDirectory(authority=authority)
    directory.servers, directory.authorities = [server], authorities
    directory.base, directory.uai = slapd.BASE, _UAI
    directory.reader_dn, directory.decoy_dn = slapd.READER_DN, slapd.DECOY_DN
    directory.key_attribute, directory.state_attribute = "entryUUID", "supannRessourceEtat"
    directory.lock_password(slapd.READER_PASSWORD)
    directory.save()
    for code, audiences, restriction in _DOORS:
        _make_door(authority, code, [one.value for one in audiences], restriction)
    for position, (code, name, words, icon) in enumerate(SERVICES, start=50):
        _make_service(code, name, words, icon, position)
    return read_directory(directory)


def _make_door(authority: Authority, code: str, audiences: list[str], restriction: str) -> None:
    door, _ = Door.objects.update_or_create(
        code=code,
        defaults={
            "authority": authority,
            "label": "de l’université de démonstration",
            "kind": DoorKind.LDAP,
            "audiences": audiences,
            "match_on": MatchOn.JOIN_KEY,
            "match_attribute": "entryUUID",
            "position": 300,
        },
    )
    LdapDoor.objects.update_or_create(
        door=door,
        defaults={
            "login_attributes": ["uid", "supannAliasLogin", "mail"],
            "restriction": restriction,
        },
    )


def _make_service(code: str, name: str, words: str, icon: str, position: int) -> None:
    service, is_new = Service.objects.get_or_create(
        code=f"univ-{code}",
        defaults={
            "name": name,
            "description": words,
            "icon": icon,
            "home_url": f"https://{code}.univ-demo.example/",
            "position": position,
        },
    )
    if is_new:
        ServiceAudience.objects.bulk_create(
            ServiceAudience(service=service, profile=profile) for profile in _MEMBERS
        )
