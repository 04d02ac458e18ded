"""The authorities of the demonstration: what they deliver, their doors and their terms of use."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from accounts.enums import Audience, DoorKind
from accounts.models import CasServer, Door, TermsText
from demo.aaf import GeneratorSpec
from demo.aaf.places import AGRICULTURAL_CODE
from demo.contents import TERMS_BODY, TERMS_TITLE, typeset
from demo.guichet.plan import AUTHORITY as OURS
from demo.guichet.plan import HOST
from directory.enums import AuthorityKind
from directory.models import Authority
from portal.models import PortalSettings


@dataclass(frozen=True, slots=True)
class DemoAuthority:
    """An authority, how people call it, and how much it delivers."""

    code: str
    name: str
    door_label: str
    kind: AuthorityKind
    schools: int
    pupils_per_school: int
    has_hard_cases: bool = False
    primary_schools: int = 0

    @property
    def deliveries(self) -> list[GeneratorSpec]:
        """The same invented people at every first start, the second degree first."""
        second = GeneratorSpec(
            seed=20,
            authority=self.code,
            schools=self.schools,
            pupils_per_school=self.pupils_per_school,
            date=date(2026, 9, 1),
            hard_cases=self.has_hard_cases,
        )
        if not self.primary_schools:
            return [second]
        first = replace(
            second,
            degree="1D",
            project="ENT1D-DEMO",
            schools=self.primary_schools,
            pupils_per_school=130,
            hard_cases=False,
        )
        return [second, first]


AUTHORITIES = (
    DemoAuthority(
        "NANCY-METZ",
        "Académie de Nancy-Metz",
        "de l’académie de Nancy-Metz",
        AuthorityKind.ACADEMY,
        10,
        300,
        has_hard_cases=True,
        primary_schools=2,
    ),
    DemoAuthority(
        "REIMS", "Académie de Reims", "de l’académie de Reims", AuthorityKind.ACADEMY, 6, 290
    ),
    DemoAuthority(
        AGRICULTURAL_CODE,
        "Enseignement agricole public",
        "des établissements agricoles publics",
        AuthorityKind.AGRICULTURAL,
        4,
        170,
    ),
)


def set_the_portal() -> None:
    """The portal's own name and legal data, as a region would fill them in."""
    PortalSettings.objects.update_or_create(
        pk=1,
        defaults={
            "name": "Préau",
            "contact_email": "contact@preau.invalid",
            "contact_phone": "03 53 01 00 00",
            "publisher": "Région de démonstration, collectivité territoriale inventée\n"
            "1 place du Préau, 54999 Valmoncel",
            "publication_director": "La présidente de la Région de démonstration",
            "hosting": "Cette machine, pour la démonstration.",
            "privacy_officer": "dpo@preau.invalid",
        },
    )


def create_authorities() -> dict[str, Authority]:
    """The three authorities with their doors and terms; the door of others is the portal's own."""
    made = {}
    for position, demo in enumerate(AUTHORITIES):
        authority, _ = Authority.objects.update_or_create(
            code=demo.code,
            defaults={
                "name": demo.name,
                "kind": demo.kind,
                "helpdesk_email": f"assistance@ac-{demo.code.lower()}.invalid",
                "helpdesk_phone": f"03 53 01 10 0{position}",
            },
        )
        made[demo.code] = authority
        _open_doors(demo, authority, position)
        TermsText.objects.get_or_create(
            authority=authority,
            version=1,
            defaults={
                "title": TERMS_TITLE,
                "body": typeset(TERMS_BODY.replace("{authority}", demo.name)),
                "published_at": timezone.now(),
            },
        )
    return made


def _open_doors(demo: DemoAuthority, authority: Authority, position: int) -> None:
    slug = demo.code.lower()
    _door(
        code=f"{slug}-familles",
        label=demo.door_label,
        audiences=[Audience.FAMILY],
        authority=authority,
        position=position,
    )
    _door(
        code=slug,
        label=demo.door_label,
        audiences=[Audience.TEACHER, Audience.STAFF],
        authority=authority,
        kind=DoorKind.CAS,
        position=position,
    )
    _connect(slug)


def academies() -> dict[str, str]:
    """Return code → address of the academic portals that the demonstration runs, not ours."""
    named = os.environ.get("ACADEMIES", "reims:8102").split()
    pairs = (one.partition(":") for one in named)
    return {code: f"http://127.0.0.1:{port}/cas/" for code, _, port in pairs}


def _connect(code: str) -> None:
    """Lead an academic door to its server; the agricultural network has none, and says so.

    Our guichet is reached by browsers under its own name, by us on the loopback address.
    """
    address, back_channel, key_method = academies().get(code, ""), "", ""
    if code == OURS.lower():
        port = os.environ.get("DEMO_GUICHET_PORT", "8101")
        address, back_channel = f"http://{HOST}:{port}/cas/", f"http://127.0.0.1:{port}/cas/"
        key_method = "cle-otp"
    if not address:
        return
    door, _ = Door.objects.update_or_create(
        code=code, defaults={"match_attribute": "mail", "key_method": key_method}
    )
    servers = {"public_url": address, "back_channel_url": back_channel}
    CasServer.objects.update_or_create(door=door, defaults=servers)


def _door(
    *,
    code: str,
    label: str,
    audiences: list[Audience],
    position: int,
    kind: DoorKind = DoorKind.LOCAL,
    authority: Authority | None = None,
) -> None:
    Door.objects.get_or_create(
        code=code,
        defaults={
            "label": label,
            "audiences": audiences,
            "kind": kind,
            "authority": authority,
            "position": 10 + position,
        },
    )
