"""The matrix of rights: for each address and verb, who passes. One line per address.

Adding a page? Add its line to ``RULES``, under its URL name. ``Rule(GET=…, POST=…)`` says who
passes; a verb that is left out is refused to everybody with 405. ``at`` gives the arguments of the
address from the standing cast: always an object of school A, so that manager B's line proves the
wall. ``test_rights_matrix`` walks the whole resolver and fails for an address without a line;
``python -m tests.rights`` writes ``docs/rights.md``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tests.cast import Cast

#: Column of the table → member of the cast; ``nobody`` is a visitor who has not signed in.
PROFILES: Final[Mapping[str, str]] = {
    "nobody": "Visiteur",
    "pupil": "Élève",
    "parent": "Parent",
    "guest": "Invité",
    "teacher": "Enseignant",
    "form_teacher": "Professeur principal",
    "editor": "Rédacteur",
    "credentials_manager": "Gestionnaire des identifiants",
    "manager_a": "Administrateur de A",
    "head": "Chef d’établissement de A",
    "manager_b": "Administrateur de B",
    "helpdesk": "Assistance",
    "ent_administrator": "Administrateur ENT",
}
EVERYBODY: Final = frozenset(PROFILES)
SIGNED_IN: Final = EVERYBODY - {"nobody"}
NO_ONE: Final[frozenset[str]] = frozenset()
ENT: Final = frozenset({"ent_administrator"})
ADMINISTRATORS_OF_A: Final = ENT | {"manager_a", "head"}
ADMINISTRATORS: Final = ADMINISTRATORS_OF_A | {"manager_b"}
SLIP_GIVERS: Final = ADMINISTRATORS | {"credentials_manager", "form_teacher"}
SLIP_GIVERS_OF_A: Final = ADMINISTRATORS_OF_A | {"credentials_manager", "form_teacher"}
SEARCHERS: Final = ADMINISTRATORS | {"credentials_manager", "form_teacher", "helpdesk"}
#: Everybody whose account is ours, and whoever must have a second factor.
LOCAL_OR_MUST: Final = SIGNED_IN - {"teacher", "form_teacher"}
JOURNAL_READERS: Final = SEARCHERS | {"editor"}
#: Who sees a pupil of class 4E3 of school A, the pupil included.
KEEPERS_OF_A_PUPIL: Final = ADMINISTRATORS_OF_A | {"credentials_manager", "form_teacher", "pupil"}

UNKNOWN: Final = uuid.UUID("00000000-0000-4000-8000-000000000000")


@dataclass(frozen=True, slots=True)
class Rule:
    """Who passes at one address."""

    GET: frozenset[str] | None = None
    POST: frozenset[str] | None = None
    at: Callable[[Cast], Mapping[str, Any]] = lambda cast: {}
    query: str = ""
    data: Callable[[Cast], Mapping[str, Any]] = lambda cast: {}
    #: What the object of the address is, for the table.
    about: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An address tested by its own room: why, and where."""

    reason: str = field(default="")


def _grant_of_a(cast: Cast) -> Mapping[str, Any]:
    return {"grant": cast.credentials_manager.role_grants.get().uuid}


def _delivery_of_the_academy(cast: Cast) -> Mapping[str, Any]:
    from directory.imports.enums import DeliveryMode
    from directory.imports.models import Delivery

    found, _ = Delivery.objects.get_or_create(
        authority=cast.academy, defaults={"mode": DeliveryMode.COMPLETE}
    )
    return {"delivery": found.uuid}


def _file_of_a(cast: Cast) -> Mapping[str, Any]:
    from credentials.enums import FileOrigin
    from credentials.models import CredentialFile
    from credentials.services.files import request_files

    file = CredentialFile.objects.filter(school=cast.school_a).first()
    if file is None:
        (file,) = request_files(
            schools=[cast.school_a],
            since=None,
            origin=FileOrigin.REGENERATION,
            actor=cast.ent_administrator,
        )
    return {"file": file.uuid}


def _message_of_the_pupil(cast: Cast) -> Mapping[str, Any]:
    from messaging.models import Delivery
    from messaging.services.sending import send_report

    if not Delivery.objects.filter(recipient=cast.pupil).exists():
        send_report(to=cast.pupil, subject="Bilan", body="Rien à signaler.")
    return {"delivery": Delivery.objects.get(recipient=cast.pupil).uuid}


def _printing_of_a(cast: Cast) -> Mapping[str, Any]:
    from django.utils import timezone

    from credentials.enums import FileState, SlipLayout
    from credentials.models import SlipPrinting
    from credentials.selection import Choice
    from credentials.services.slips import request_slips

    printing = SlipPrinting.objects.filter(school=cast.school_a).first()
    if printing is None:
        printing = request_slips(
            school=cast.school_a,
            choice=Choice(school_id=cast.school_a.pk),
            layout=SlipLayout.EIGHT,
            words="Élèves",
            actor=cast.ent_administrator,
        )
        SlipPrinting.objects.update(
            state=FileState.READY, generated_at=timezone.now(), stored_uuid=UNKNOWN
        )
    return {"printing": printing.uuid}


def _service_of_a(cast: Cast) -> Mapping[str, Any]:
    from sso.enums import AddressUse
    from sso.models import Service, ServiceAddress

    service, is_new = Service.objects.get_or_create(
        code="matrice-a", defaults={"name": "Cahier de textes", "school": cast.school_a}
    )
    if is_new:
        for host in ("a.example.fr", "b.example.fr"):
            ServiceAddress.objects.create(
                service=service, use=AddressUse.SIGN_IN, scheme="https", host=host, port=443
            )
    return {"service": service.uuid}


def _grant_on_a_service_of_a(cast: Cast) -> Mapping[str, Any]:
    from sso.models import Service, ServiceGrant

    address = _service_of_a(cast)
    grant, _ = ServiceGrant.objects.get_or_create(
        service=Service.objects.get(uuid=address["service"]), person=cast.teacher
    )
    return {**address, "grant": grant.uuid}


def _address_of_a_service_of_a(cast: Cast) -> Mapping[str, Any]:
    from sso.models import ServiceAddress

    address = _service_of_a(cast)
    return {"adresse": ServiceAddress.objects.filter(service__uuid=address["service"])[0].pk}


def _population_of_a_service_of_a(cast: Cast) -> Mapping[str, Any]:
    from sso.models import Service, ServiceAudience

    service = Service.objects.get(uuid=_service_of_a(cast)["service"])
    audience, _ = ServiceAudience.objects.get_or_create(service=service, school=cast.school_a)
    return {"population": audience.pk}


def _mailing_of_a(cast: Cast) -> Mapping[str, Any]:
    from credentials.models import Campaign
    from credentials.selection import Choice
    from credentials.services.campaigns import request_campaign

    campaign = Campaign.objects.filter(school=cast.school_a).first()
    if campaign is None:
        campaign = request_campaign(
            school=cast.school_a,
            choice=Choice(school_id=cast.school_a.pk),
            subject="Vos identifiants",
            text="",
            words="Parents",
            key=UNKNOWN,
            actor=cast.ent_administrator,
        ).campaign
    return {"campaign": campaign.uuid}


RULES: Final[Mapping[str, Rule | Elsewhere]] = {
    # --- the kernel
    "health": Rule(GET=EVERYBODY),
    "jobs:progress": Rule(GET=NO_ONE, at=lambda cast: {"uuid": UNKNOWN}, about="travail d’autrui"),
    "jobs:cancel": Rule(POST=NO_ONE, at=lambda cast: {"uuid": UNKNOWN}, about="travail d’autrui"),
    "files:download": Rule(
        GET=NO_ONE, at=lambda cast: {"uuid": UNKNOWN}, about="fichier remis à autrui"
    ),
    "pages:styleguide": Rule(GET=EVERYBODY, about="démonstration seulement"),
    "operator_login": Rule(GET=NO_ONE, about="personne n’y est exploitant"),
    # --- the directory
    "directory:search": Rule(GET=SEARCHERS),
    "directory:export": Rule(
        POST=ADMINISTRATORS_OF_A | {"credentials_manager", "form_teacher"},
        data=lambda cast: {"personne": str(cast.pupil.uuid), "format": "csv"},
        about="un élève de 4E3",
    ),
    "directory:groups": Rule(GET=SEARCHERS),
    "directory:person": Rule(
        GET=KEEPERS_OF_A_PUPIL, at=lambda cast: {"person": cast.pupil.uuid}, about="élève de 4E3"
    ),
    "directory:school": Rule(
        GET=ADMINISTRATORS_OF_A | {"credentials_manager", "helpdesk"},
        at=lambda cast: {"uai": cast.school_a.uai},
        about="établissement A",
    ),
    "directory:group": Rule(
        GET=ADMINISTRATORS_OF_A | {"credentials_manager", "form_teacher", "helpdesk"},
        at=lambda cast: {"group": cast.class_a.uuid},
        about="classe 4E3",
    ),
    "directory:journal": Rule(GET=JOURNAL_READERS),
    "directory:journal-export": Rule(POST=JOURNAL_READERS),
    "directory:administration": Rule(GET=JOURNAL_READERS),
    "directory:imports": Rule(GET=ENT),
    "directory:import-deposit": Rule(GET=ENT, POST=ENT),
    "directory:import": Rule(GET=ENT, at=_delivery_of_the_academy, about="livraison"),
    "directory:import-apply": Rule(POST=ENT, at=_delivery_of_the_academy, about="livraison"),
    "directory:import-restart": Rule(POST=ENT, at=_delivery_of_the_academy, about="livraison"),
    "directory:import-abandon": Rule(POST=ENT, at=_delivery_of_the_academy, about="livraison"),
    "directory:import-anomalies": Rule(GET=ENT, at=_delivery_of_the_academy, about="livraison"),
    "directory:import-anomalies-export": Rule(
        GET=ENT,
        at=lambda cast: {**_delivery_of_the_academy(cast), "file_format": "csv"},
        about="livraison",
    ),
    "directory:schools": Rule(GET=ADMINISTRATORS),
    "directory:authorities": Rule(GET=ENT),
    "directory:authority-add": Rule(GET=ENT, POST=ENT),
    "directory:authority": Rule(
        GET=ENT,
        POST=ENT,
        at=lambda cast: {"authority": cast.school_a.authority.uuid},
        about="autorité",
    ),
    "directory:roles": Rule(GET=ADMINISTRATORS),
    "directory:role-add": Rule(GET=ADMINISTRATORS),
    "directory:role-give": Rule(
        GET=ADMINISTRATORS_OF_A,
        POST=ADMINISTRATORS_OF_A,
        at=lambda cast: {"person": cast.teacher.uuid},
        about="enseignant de A",
    ),
    "directory:role-withdraw": Rule(
        GET=ADMINISTRATORS_OF_A, POST=ADMINISTRATORS_OF_A, at=_grant_of_a, about="rôle dans A"
    ),
    # --- accounts
    "accounts:mire": Rule(GET=EVERYBODY, POST=EVERYBODY),
    "accounts:door": Rule(
        GET=NO_ONE, POST=NO_ONE, at=lambda cast: {"code": "inconnu"}, about="guichet inconnu"
    ),
    "accounts:door_return": Rule(
        GET=NO_ONE, POST=NO_ONE, at=lambda cast: {"code": "inconnu"}, about="guichet inconnu"
    ),
    "accounts:signing_out_there": Rule(
        GET=NO_ONE, at=lambda cast: {"code": "inconnu"}, about="guichet inconnu"
    ),
    "accounts:changed_person": Rule(GET=SIGNED_IN),
    "accounts:doors": Rule(GET=ENT),
    "accounts:door-add": Rule(GET=ENT, POST=ENT),
    "accounts:door-edit": Rule(
        GET=ENT, POST=ENT, at=lambda cast: {"code": "autres-comptes"}, about="guichet"
    ),
    "accounts:door-test": Rule(
        POST=NO_ONE, at=lambda cast: {"code": "autres-comptes"}, about="guichet local"
    ),
    "accounts:bindings": Rule(GET=ENT),
    "accounts:binding-remove": Rule(
        GET=NO_ONE, POST=NO_ONE, at=lambda cast: {"binding": UNKNOWN}, about="inconnu"
    ),
    "accounts:binding-resolve": Rule(
        GET=NO_ONE, POST=NO_ONE, at=lambda cast: {"refused": UNKNOWN}, about="inconnu"
    ),
    "accounts:refusal-dismiss": Rule(
        POST=NO_ONE, at=lambda cast: {"refused": UNKNOWN}, about="inconnu"
    ),
    "accounts:strength": Rule(
        GET=NO_ONE, query="?exiger=cle-otp", about="preuve que personne n’a donnée"
    ),
    "accounts:choose_password": Rule(GET=SIGNED_IN, POST=SIGNED_IN),
    "accounts:accept_terms": Rule(GET=SIGNED_IN, POST=SIGNED_IN),
    "accounts:prove_second_factor": Rule(GET=SIGNED_IN, POST=SIGNED_IN),
    "accounts:enrol_second_factor": Rule(GET=LOCAL_OR_MUST, POST=LOCAL_OR_MUST),
    "accounts:second_factor": Rule(GET=LOCAL_OR_MUST),
    "accounts:recovery_codes": Rule(GET=SIGNED_IN, POST=SIGNED_IN),
    "accounts:remove_second_factor": Rule(GET=SIGNED_IN, POST=SIGNED_IN),
    "accounts:reset_second_factor": Rule(
        GET=ENT,
        POST=ENT,
        at=lambda cast: {"person": cast.helpdesk.uuid},
        about="second facteur de l’assistance",
    ),
    "accounts:sign_out": Rule(POST=EVERYBODY),
    "accounts:signed_out": Rule(GET=EVERYBODY),
    "accounts:profile": Rule(GET=SIGNED_IN),
    "accounts:change_password": Rule(GET=SIGNED_IN, POST=SIGNED_IN),
    "accounts:confirm_password": Rule(GET=SIGNED_IN, POST=SIGNED_IN),
    "accounts:connections": Rule(GET=SIGNED_IN),
    "accounts:close_other_connections": Rule(POST=SIGNED_IN),
    "accounts:close_connection": Rule(
        POST=NO_ONE, at=lambda cast: {"sign_on": UNKNOWN}, about="connexion d’autrui"
    ),
    # --- the CAS server (who may open which service: tests/sso/test_access.py)
    "sso:login": Rule(GET=EVERYBODY, POST=EVERYBODY, about="sans service"),
    "sso:logout": Rule(GET=EVERYBODY),
    "sso:validate": Rule(GET=EVERYBODY, POST=EVERYBODY, about="un ticket est la preuve"),
    "sso:service_validate": Rule(GET=EVERYBODY, POST=EVERYBODY, about="un ticket est la preuve"),
    "sso:proxy_validate": Rule(GET=EVERYBODY, POST=EVERYBODY, about="un ticket est la preuve"),
    "sso:p3_service_validate": Rule(GET=EVERYBODY, POST=EVERYBODY, about="un ticket est la preuve"),
    "sso:p3_proxy_validate": Rule(GET=EVERYBODY, POST=EVERYBODY, about="un ticket est la preuve"),
    "sso:saml_validate": Rule(POST=EVERYBODY, about="un ticket est la preuve"),
    "sso:proxy": Rule(GET=EVERYBODY, POST=EVERYBODY, about="un mandat est la preuve"),
    # --- services (the screens; who may open which: tests/sso/test_access.py)
    "services:services": Rule(GET=ADMINISTRATORS),
    "services:choose-preset": Rule(GET=ADMINISTRATORS),
    "services:register": Rule(
        GET=ADMINISTRATORS, POST=ADMINISTRATORS, at=lambda cast: {"preset": "moodle"}
    ),
    **{
        f"services:{name}": Rule(
            GET=ADMINISTRATORS_OF_A,
            POST=ADMINISTRATORS_OF_A if posts else None,
            at=_service_of_a,
            about="service de A",
        )
        for name, posts in (
            ("service", True),
            ("opening", True),
            ("delete", True),
            ("addresses", True),
            ("population", True),
            ("users", False),
            ("user-add", False),
            ("contract", True),
            ("preview", False),
            ("usage", False),
            ("usage-export", False),
        )
    },
    "services:address-remove": Rule(
        POST=ADMINISTRATORS_OF_A,
        at=_service_of_a,
        data=_address_of_a_service_of_a,
        about="service de A",
    ),
    "services:population-remove": Rule(
        POST=ADMINISTRATORS_OF_A,
        at=_service_of_a,
        data=_population_of_a_service_of_a,
        about="service de A",
    ),
    "services:user-give": Rule(
        GET=ADMINISTRATORS_OF_A,
        POST=ADMINISTRATORS_OF_A,
        at=lambda cast: {**_service_of_a(cast), "person": cast.pupil.uuid},
        about="service et élève de A",
    ),
    "services:user-withdraw": Rule(
        GET=ADMINISTRATORS_OF_A,
        POST=ADMINISTRATORS_OF_A,
        at=_grant_on_a_service_of_a,
        about="service de A",
    ),
    "services:preview-person": Rule(
        GET=ADMINISTRATORS_OF_A,
        at=lambda cast: {**_service_of_a(cast), "person": cast.pupil.uuid},
        about="service et élève de A",
    ),
    # --- credential files
    "credentials:files": Rule(GET=ADMINISTRATORS),
    "credentials:progress": Rule(GET=ADMINISTRATORS),
    "credentials:regenerate": Rule(GET=ADMINISTRATORS, POST=ADMINISTRATORS),
    "credentials:reissue": Rule(GET=ADMINISTRATORS),
    "credentials:confirm-reissue": Rule(GET=ADMINISTRATORS, POST=ADMINISTRATORS),
    "credentials:handover": Rule(
        GET=NO_ONE, at=lambda cast: {"job": UNKNOWN}, about="remise à autrui"
    ),
    "credentials:delete": Rule(
        GET=ADMINISTRATORS_OF_A, POST=ADMINISTRATORS_OF_A, at=_file_of_a, about="fichier de A"
    ),
    "credentials:regenerate-password": Rule(
        GET=SLIP_GIVERS_OF_A,
        POST=SLIP_GIVERS_OF_A,
        at=lambda cast: {"person": cast.pupil.uuid},
        about="élève de 4E3",
    ),
    "credentials:change-login": Rule(
        GET=SLIP_GIVERS_OF_A,
        POST=SLIP_GIVERS_OF_A,
        at=lambda cast: {"person": cast.pupil.uuid},
        about="élève de 4E3",
    ),
    "credentials:unlock": Rule(
        GET=SLIP_GIVERS_OF_A,
        POST=SLIP_GIVERS_OF_A,
        at=lambda cast: {"person": cast.pupil.uuid},
        about="élève de 4E3",
    ),
    "credentials:rescue-classes": Rule(GET=SLIP_GIVERS),
    "credentials:rescue-class": Rule(
        GET=SLIP_GIVERS_OF_A,
        POST=SLIP_GIVERS_OF_A,
        at=lambda cast: {"group": cast.class_a.uuid},
        about="classe 4E3",
    ),
    "credentials:activation": Rule(GET=SLIP_GIVERS),
    "credentials:download-activation": Rule(
        GET=SLIP_GIVERS, at=lambda cast: {"table": "etablissements"}, about="ses établissements"
    ),
    "credentials:activation-school": Rule(
        GET=SLIP_GIVERS_OF_A, at=lambda cast: {"uai": cast.school_a.uai}, about="établissement A"
    ),
    "credentials:download-school-activation": Rule(
        GET=SLIP_GIVERS_OF_A,
        at=lambda cast: {"uai": cast.school_a.uai, "table": "classes"},
        about="établissement A",
    ),
    "credentials:slips": Rule(GET=SLIP_GIVERS),
    "credentials:slips-progress": Rule(GET=SLIP_GIVERS),
    "credentials:choose-slips-school": Rule(GET=SLIP_GIVERS),
    "credentials:prepare-selected-slips": Rule(
        POST=SLIP_GIVERS_OF_A,
        data=lambda cast: {"personne": str(cast.pupil.uuid)},
        about="un élève de 4E3",
    ),
    "credentials:prepare-slips": Rule(
        GET=SLIP_GIVERS_OF_A,
        POST=SLIP_GIVERS_OF_A,
        at=lambda cast: {"uai": cast.school_a.uai},
        about="établissement A",
    ),
    "credentials:retry-slips": Rule(
        POST=ADMINISTRATORS_OF_A, at=_printing_of_a, about="tirage de A"
    ),
    "credentials:delete-slips": Rule(
        POST=ADMINISTRATORS_OF_A, at=_printing_of_a, about="tirage de A"
    ),
    "credentials:download-slips": Rule(
        POST=ADMINISTRATORS_OF_A, at=_printing_of_a, about="tirage de A"
    ),
    "credentials:mailings": Rule(GET=ADMINISTRATORS),
    "credentials:choose-mailing-school": Rule(GET=ADMINISTRATORS),
    "credentials:prepare-mailing": Rule(
        GET=ADMINISTRATORS_OF_A,
        POST=ADMINISTRATORS_OF_A,
        at=lambda cast: {"uai": cast.school_a.uai},
        about="établissement A",
    ),
    "credentials:confirm-mailing": Rule(
        GET=ADMINISTRATORS_OF_A,
        POST=ADMINISTRATORS_OF_A,
        at=lambda cast: {"uai": cast.school_a.uai},
        about="établissement A",
    ),
    "credentials:mailing": Rule(GET=ADMINISTRATORS_OF_A, at=_mailing_of_a, about="envoi de A"),
    "credentials:mailing-progress": Rule(
        GET=ADMINISTRATORS_OF_A, at=_mailing_of_a, about="envoi de A"
    ),
    "credentials:mailing-act": Rule(
        POST=ADMINISTRATORS_OF_A,
        at=_mailing_of_a,
        data=lambda cast: {"acte": "arreter"},
        about="envoi de A",
    ),
    "credentials:mailing-recipients": Rule(
        GET=ADMINISTRATORS_OF_A, at=_mailing_of_a, about="envoi de A"
    ),
    "credentials:mailing-without-address": Rule(
        GET=ADMINISTRATORS_OF_A, at=_mailing_of_a, about="envoi de A"
    ),
    "credentials:retry": Rule(POST=ADMINISTRATORS_OF_A, at=_file_of_a, about="fichier de A"),
    "credentials:download": Elsewhere(
        "le fichier d’un établissement : tests/credentials/test_desk.py (il y faut un worker)"
    ),
    # --- what was forgotten
    "credentials:forgotten-password": Rule(GET=EVERYBODY, POST=EVERYBODY),
    "credentials:password-asked": Rule(GET=EVERYBODY),
    "credentials:forgotten-login": Rule(GET=EVERYBODY, POST=EVERYBODY),
    "credentials:login-asked": Rule(GET=EVERYBODY),
    "credentials:password-link": Rule(
        GET=EVERYBODY, at=lambda cast: {"token": "inconnu"}, about="mène à la page suivante"
    ),
    "credentials:new-password": Rule(
        GET=EVERYBODY, POST=EVERYBODY, about="sans lien reçu par courriel : le dit"
    ),
    # --- the mailbox
    "messaging:mailbox": Rule(GET=SIGNED_IN),
    "messaging:act": Rule(POST=SIGNED_IN, data=lambda cast: {"acte": "lire"}),
    "messaging:preferences": Rule(GET=SIGNED_IN, POST=SIGNED_IN),
    "messaging:change-address": Rule(GET=SIGNED_IN, POST=SIGNED_IN),
    "messaging:remove-address": Rule(GET=SIGNED_IN, POST=SIGNED_IN),
    "messaging:address-link": Rule(
        GET=EVERYBODY, at=lambda cast: {"token": "inconnu"}, about="mène à la page suivante"
    ),
    "messaging:confirm-address": Rule(
        GET=EVERYBODY, POST=EVERYBODY, about="sans lien reçu par courriel : le dit"
    ),
    "messaging:message": Rule(
        GET=frozenset({"pupil"}), at=_message_of_the_pupil, about="message d’un élève"
    ),
    "messaging:download": Elsewhere(
        "la pièce jointe d’un message : tests/messaging/test_attachments.py (il y faut un worker)"
    ),
    # --- public and connected pages
    "portal:home": Rule(GET=EVERYBODY),
    "portal:school": Rule(GET=EVERYBODY, at=lambda cast: {"slug": cast.school_a.slug}),
    "portal:news_item": Rule(
        GET=NO_ONE,
        at=lambda cast: {"slug": cast.school_a.slug, "item_uuid": UNKNOWN},
        about="actualité non publiée",
    ),
    "portal:connected": Rule(GET=SIGNED_IN),
    "portal:switch": Rule(POST=SIGNED_IN),
    "portal:connected_news": Rule(
        GET=NO_ONE, at=lambda cast: {"item_uuid": UNKNOWN}, about="actualité non publiée"
    ),
    "portal:text": Rule(GET=EVERYBODY, at=lambda cast: {"kind": "mentions-legales"}),
    "portal:theme": Rule(GET=EVERYBODY, at=lambda cast: {"colour": "1b3263"}),
    "portal:logo": Rule(GET=NO_ONE, at=lambda cast: {"logo_uuid": UNKNOWN}, about="logo inconnu"),
    "portal:robots": Rule(GET=EVERYBODY),
    "portal:sitemap": Rule(GET=EVERYBODY),
    "portal:demo_mail": Rule(GET=EVERYBODY, about="démonstration seulement"),
    # --- Django's admin, whatever its address
    "admin:*": Elsewhere("exploitants seulement : tests/directory/test_operators.py"),
}

RIGHTS_PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "rights.md"


def rule_for(name: str) -> Rule | Elsewhere | None:
    """Return the line of a URL name, or the line of its whole namespace."""
    return RULES.get(name) or RULES.get(f"{name.partition(':')[0]}:*")


def write_rights() -> str:
    """Return ``docs/rights.md``: the acts table, then the matrix that the tests walk."""
    from directory.acts import RIGHTS, Scope
    from directory.enums import Role

    roles = list(Role)
    lines = [
        "# Rights",
        "",
        "Generated by `python -m tests.rights` from `directory/acts.py` and from the matrix of",
        "`tests/rights.py`, which `tests/directory/test_rights_matrix.py` walks over the whole",
        "resolver. Do not edit.",
        "",
        "## Acts",
        "",
        "Scopes: " + ", ".join(f"{scope.value} = {scope.label.lower()}" for scope in Scope) + ".",
        "Nobody acts on themselves or upwards: see `directory.acts.Rank`.",
        "",
        "| act | " + " | ".join(role.label for role in roles) + " |",
        "|---|" + "---|" * len(roles),
    ]
    for act, reach in RIGHTS.items():
        cells = [reach[role].value if role in reach else "" for role in roles]
        lines.append(f"| {act.label} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "## Addresses",
        "",
        "● passes, · is refused (403, the 404 of what does not exist, or the way to sign in).",
        "",
        "| address | verb | object | " + " | ".join(PROFILES.values()) + " |",
        "|---|---|---|" + "---|" * len(PROFILES),
    ]
    for name, rule in RULES.items():
        if isinstance(rule, Elsewhere):
            lines.append(f"| `{name}` | | {rule.reason} |" + " |" * len(PROFILES))
            continue
        for verb in ("GET", "POST"):
            allowed: frozenset[str] | None = getattr(rule, verb)
            if allowed is not None:
                cells = ["●" if profile in allowed else "·" for profile in PROFILES]
                lines.append(f"| `{name}` | {verb} | {rule.about} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import django

    django.setup()
    RIGHTS_PAGE.write_text(write_rights(), encoding="utf-8")
