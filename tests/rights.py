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
EDITORS_OF_A: Final = ADMINISTRATORS_OF_A | {"editor"}
EDITORS: Final = EDITORS_OF_A | {"manager_b"}
ADMINISTRATORS: Final = ADMINISTRATORS_OF_A | {"manager_b"}
SLIP_GIVERS: Final = ADMINISTRATORS | {"credentials_manager", "form_teacher"}
SLIP_GIVERS_OF_A: Final = ADMINISTRATORS_OF_A | {"credentials_manager", "form_teacher"}
SEARCHERS: Final = ADMINISTRATORS | {"credentials_manager", "form_teacher", "helpdesk"}
#: Everybody whose account is ours, and whoever must have a second factor.
LOCAL_OR_MUST: Final = SIGNED_IN - {"teacher", "form_teacher"}
JOURNAL_READERS: Final = SEARCHERS | {"editor"}
#: Who teaches class 4E3 of school A.
TEACHERS_OF_A: Final = frozenset({"teacher", "form_teacher"})
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


def _attachment_in_a(cast: Cast) -> Mapping[str, Any]:
    from directory.enums import MembershipRole, Source
    from directory.models import Membership

    Membership.objects.update_or_create(
        person=cast.teacher,
        group=cast.class_a,
        role=MembershipRole.TEACHER,
        defaults={"source": Source.MANUAL},
    )
    return {"enseignant": cast.teacher.uuid, "classe": cast.class_a.uuid}


def _delivery_of_the_academy(cast: Cast) -> Mapping[str, Any]:
    from directory.enums import DeliveryMode
    from directory.models.deliveries import Delivery

    found, _ = Delivery.objects.get_or_create(
        authority=cast.academy, defaults={"mode": DeliveryMode.COMPLETE}
    )
    return {"delivery": found.uuid}


def _opening(cast: Cast) -> Mapping[str, Any]:
    from django.utils import timezone

    from credentials.enums import OpeningState
    from credentials.models import CodeOpening

    found, _ = CodeOpening.objects.get_or_create(
        person=cast.manager_a,
        day=timezone.localdate(),
        reference=UNKNOWN,
        defaults={
            "school": cast.school_a,
            "name": "ENT-Identifiants-0541111A.csv",
            "codes": 900,
            "state": OpeningState.ASKED,
        },
    )
    return {"opening": found.uuid}


def _file_of_a(cast: Cast) -> Mapping[str, Any]:
    from credentials.enums import FileOrigin
    from credentials.files.services import request_files
    from credentials.models import CredentialFile

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
    from messaging.mailbox.models import MailboxEntry
    from messaging.notices.sending import send_report

    if not MailboxEntry.objects.filter(recipient=cast.pupil).exists():
        send_report(to=cast.pupil, subject="Bilan", body="Rien à signaler.")
    return {"entry": MailboxEntry.objects.get(recipient=cast.pupil).uuid}


def _printing_of_a(cast: Cast) -> Mapping[str, Any]:
    from django.utils import timezone

    from credentials.choice.population import PopulationChoice
    from credentials.enums import FileState, SlipLayout
    from credentials.models import SlipPrinting
    from credentials.slips.services import request_slips

    printing = SlipPrinting.objects.filter(school=cast.school_a).first()
    if printing is None:
        printing = request_slips(
            school=cast.school_a,
            choice=PopulationChoice(school_id=cast.school_a.pk),
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


def _instance_of_a(cast: Cast) -> Mapping[str, Any]:
    from pronote_bridge.models import Instance
    from tests.pronote_bridge.population import make_instance

    instance = Instance.objects.filter(key_school=cast.school_a).first()
    return {"instance": (instance or make_instance(cast.school_a)).uuid}


def _export_of_a(cast: Cast) -> Mapping[str, Any]:
    from pronote_bridge.enums import EnvelopeKind, ExportScope
    from pronote_bridge.models import Export, Instance

    instance = Instance.objects.get(uuid=_instance_of_a(cast)["instance"])
    export = Export.objects.filter(instance=instance).first()
    if export is None:
        export = Export.objects.create(
            instance=instance,
            service=instance.service,
            scope=ExportScope.FULL,
            envelope=EnvelopeKind.VENDOR,
            requested_by=cast.manager_a.uuid,
            job_uuid=_job_of_nobody().uuid,
        )
    return {"export": export.uuid}


def _job_of_nobody() -> Any:
    from django.utils import timezone

    from ent.jobs.enums import JobState
    from ent.jobs.models import Job

    return Job.objects.create(
        kind="pronote_bridge.make_export", state=JobState.FAILED, finished_at=timezone.now()
    )


def _secret_of_a(cast: Cast) -> Mapping[str, Any]:
    from pronote_bridge.machines.secrets import hash_of, new_secret, public_key_of
    from pronote_bridge.models import Instance, MachineSecret

    instance = Instance.objects.get(uuid=_instance_of_a(cast)["instance"])
    found = MachineSecret.objects.filter(instance=instance).first()
    if found is None:
        secret = new_secret()
        found = MachineSecret.objects.create(
            instance=instance,
            slot=1,
            secret_hash=hash_of(secret),
            public_key=public_key_of(secret),
            created_by=cast.manager_a.uuid,
        )
    return {"instance": instance.uuid, "secret": found.uuid}


def _mailing_of_a(cast: Cast) -> Mapping[str, Any]:
    from credentials.choice.population import PopulationChoice
    from credentials.mailing.services import request_campaign
    from credentials.models import Campaign

    campaign = Campaign.objects.filter(school=cast.school_a).first()
    if campaign is None:
        campaign = request_campaign(
            school=cast.school_a,
            choice=PopulationChoice(school_id=cast.school_a.pk),
            subject="Vos identifiants",
            text="",
            words="Parents",
            key=UNKNOWN,
            actor=cast.ent_administrator,
        ).campaign
    return {"campaign": campaign.uuid}


def _dry_run_of_a(cast: Cast) -> Mapping[str, Any]:
    from pronote_bridge.dry_run.models import DryRun
    from pronote_bridge.enums import ListKind
    from pronote_bridge.models import Instance
    from tests.pronote_bridge.dry_runs import compared

    dry_run = DryRun.objects.first()
    if dry_run is None:
        instance = Instance.objects.get(uuid=_instance_of_a(cast)["instance"])
        teachers = {ListKind.TEACHERS: b"Nom;Prenom\nPROFESSEUR;Elise\n"}
        dry_run = compared(instance, cast.ent_administrator, teachers)
    return {"run": dry_run.uuid}


def _line_of_a_dry_run_of_a(cast: Cast) -> Mapping[str, Any]:
    from pronote_bridge.dry_run.models import DryRunLine

    _dry_run_of_a(cast)
    return {"line": DryRunLine.objects.get().uuid}


def _hand_pairing_of_a(cast: Cast) -> Mapping[str, Any]:
    from pronote_bridge.dry_run.models import DryRunLine, HandPairing
    from pronote_bridge.dry_run.pairing import pair_by_hand

    pairing = HandPairing.objects.first()
    if pairing is None:
        line = DryRunLine.objects.get(uuid=_line_of_a_dry_run_of_a(cast)["line"])
        pairing = pair_by_hand(line=line, person=cast.teacher, actor=cast.ent_administrator)
    return {"pairing": pairing.uuid}


def _site_of_a(cast: Cast) -> Mapping[str, Any]:
    return {"uai": cast.school_a.uai}


def _news_of_a(cast: Cast) -> Mapping[str, Any]:
    from portal.models import NewsItem

    found, _ = NewsItem.objects.get_or_create(school=cast.school_a, title="Brouillon", body="")
    return {**_site_of_a(cast), "item": found.uuid}


def _page_of_a(cast: Cast) -> Mapping[str, Any]:
    from portal.models import PracticalPage

    found, _ = PracticalPage.objects.get_or_create(
        school=cast.school_a, slug="cantine", title="Cantine"
    )
    return {**_site_of_a(cast), "page": found.uuid}


def _link_of_a(cast: Cast) -> Mapping[str, Any]:
    from portal.models import UsefulLink

    found, _ = UsefulLink.objects.get_or_create(
        school=cast.school_a, address="https://example.org/", label="Cantine"
    )
    return {"lien": found.pk, "acte": "monter"}


def _file_of_the_site_of_a(cast: Cast) -> Any:
    from portal.enums import FileKind
    from portal.models import SiteFile

    found, _ = SiteFile.objects.get_or_create(
        school=cast.school_a,
        name="menu.pdf",
        defaults={
            "kind": FileKind.DOCUMENT,
            "content_type": "application/pdf",
            "size_bytes": 8,
            "data": b"%PDF-1.7",
        },
    )
    return found


def _site_file_of_a(cast: Cast) -> Mapping[str, Any]:
    return {**_site_of_a(cast), "file": _file_of_the_site_of_a(cast).uuid}


RULES: Final[Mapping[str, Rule | Elsewhere]] = {
    # --- the kernel
    "health": Rule(GET=EVERYBODY),
    "can_serve": Rule(GET=EVERYBODY),
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
    "directory:my-classes": Rule(GET=SIGNED_IN),
    "directory:my-class": Rule(
        GET=TEACHERS_OF_A, at=lambda cast: {"group": cast.class_a.uuid}, about="classe 4E3"
    ),
    "directory:person": Rule(
        GET=KEEPERS_OF_A_PUPIL, at=lambda cast: {"person": cast.pupil.uuid}, about="élève de 4E3"
    ),
    "directory:school": Rule(
        GET=ADMINISTRATORS_OF_A | {"credentials_manager", "helpdesk"},
        at=lambda cast: {"uai": cast.school_a.uai},
        about="établissement A",
    ),
    "directory:class-teachers": Rule(
        GET=ADMINISTRATORS_OF_A,
        POST=ADMINISTRATORS_OF_A,
        at=lambda cast: {"uai": cast.school_a.uai},
        about="établissement A",
    ),
    "directory:class-teacher-detach": Rule(
        POST=ADMINISTRATORS_OF_A,
        at=lambda cast: {"uai": cast.school_a.uai},
        data=_attachment_in_a,
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
    "directory:leavers": Rule(GET=ADMINISTRATORS),
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
    "accounts:check_secret": Rule(
        POST=NO_ONE, at=lambda cast: {"code": "inconnu"}, about="guichet inconnu"
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
    "sso:logout": Rule(GET=EVERYBODY, POST=EVERYBODY),
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
    # --- Pronote
    "pronote:instances": Rule(GET=ADMINISTRATORS),
    "pronote:add": Rule(GET=ADMINISTRATORS, POST=ADMINISTRATORS),
    "pronote:guide": Rule(GET=ADMINISTRATORS),
    "pronote:exports": Rule(GET=ADMINISTRATORS),
    "pronote:vendor": Rule(GET=ENT, POST=ENT),
    "pronote:key": Rule(GET=ENT, POST=ENT),
    **{
        f"pronote:{name}": Rule(
            GET=ADMINISTRATORS_OF_A,
            POST=ADMINISTRATORS_OF_A if posts else None,
            at=_instance_of_a,
            about="instance de A",
        )
        for name, posts in (
            ("instance", False),
            ("report", False),
            ("change", True),
            ("schools", True),
            ("withdraw", True),
            ("ask", True),
            ("machines", True),
        )
    },
    "pronote:report-section": Rule(
        GET=NO_ONE,
        at=lambda cast: {**_instance_of_a(cast), "code": "rien-a-dire"},
        about="ce que le rapport ne dit pas",
    ),
    "pronote:add-secret": Rule(POST=ADMINISTRATORS_OF_A, at=_instance_of_a, about="instance de A"),
    "pronote:remove-secret": Rule(POST=ADMINISTRATORS_OF_A, at=_secret_of_a, about="secret de A"),
    "pronote:export": Rule(GET=ADMINISTRATORS_OF_A, at=_export_of_a, about="export de A"),
    "pronote:retry": Rule(POST=ADMINISTRATORS_OF_A, at=_export_of_a, about="export de A"),
    "pronote:download": Rule(
        GET=ADMINISTRATORS_OF_A, POST=ADMINISTRATORS_OF_A, at=_export_of_a, about="export de A"
    ),
    **dict.fromkeys(
        ("pronote:machine-start", "pronote:machine-state", "pronote:machine-file"),
        Elsewhere("un secret est la preuve\u00a0: tests/pronote_bridge/test_machines.py"),
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
    "credentials:openings": Rule(GET=ENT),
    "credentials:allow-opening": Rule(
        POST=ENT,
        at=_opening,
        about="demande d’un gestionnaire de A",
    ),
    "credentials:block": Rule(
        GET=ADMINISTRATORS_OF_A,
        POST=ADMINISTRATORS_OF_A,
        at=lambda cast: {"person": cast.pupil.uuid},
        about="élève de 4E3",
    ),
    "credentials:restore": Rule(
        GET=ADMINISTRATORS_OF_A,
        POST=ADMINISTRATORS_OF_A,
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
    # --- Pronote
    "pronote:dry-runs": Rule(GET=ADMINISTRATORS_OF_A, at=_instance_of_a, about="instance de A"),
    "pronote:dry-run-deposit": Rule(
        GET=ADMINISTRATORS_OF_A, POST=ADMINISTRATORS_OF_A, at=_instance_of_a, about="instance de A"
    ),
    "pronote:hand-pairings": Rule(
        GET=ADMINISTRATORS_OF_A, at=_instance_of_a, about="instance de A"
    ),
    "pronote:dry-run": Rule(GET=ADMINISTRATORS_OF_A, at=_dry_run_of_a, about="rapprochement de A"),
    "pronote:dry-run-again": Rule(
        POST=ADMINISTRATORS_OF_A, at=_dry_run_of_a, about="rapprochement de A"
    ),
    "pronote:dry-run-delete": Rule(
        GET=ADMINISTRATORS_OF_A,
        POST=ADMINISTRATORS_OF_A,
        at=_dry_run_of_a,
        about="rapprochement de A",
    ),
    "pronote:dry-run-columns": Rule(
        GET=ADMINISTRATORS_OF_A,
        POST=ADMINISTRATORS_OF_A,
        at=lambda cast: {**_dry_run_of_a(cast), "kind": "professeurs"},
        about="liste de A",
    ),
    "pronote:dry-run-absent": Rule(
        GET=ADMINISTRATORS_OF_A,
        at=lambda cast: {**_dry_run_of_a(cast), "kind": "professeurs"},
        about="liste de A",
    ),
    "pronote:dry-run-export": Rule(
        POST=ADMINISTRATORS_OF_A,
        at=lambda cast: {**_dry_run_of_a(cast), "file_format": "csv"},
        about="rapprochement de A",
    ),
    "pronote:dry-run-pair": Rule(
        GET=ADMINISTRATORS_OF_A,
        POST=ADMINISTRATORS_OF_A,
        at=_line_of_a_dry_run_of_a,
        data=lambda cast: {"personne": str(cast.teacher.uuid)},
        about="ligne d’une liste de A",
    ),
    "pronote:unpair": Rule(
        POST=ADMINISTRATORS_OF_A, at=_hand_pairing_of_a, about="rapprochement à la main de A"
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
    "portal:practical_page": Rule(
        GET=NO_ONE,
        at=lambda cast: {"slug": cast.school_a.slug, "page_slug": _page_of_a(cast) and "cantine"},
        about="page non publiée",
    ),
    "portal:feed": Rule(GET=EVERYBODY, at=lambda cast: {"slug": cast.school_a.slug}),
    "portal:site_file": Rule(
        GET=EDITORS_OF_A,
        at=lambda cast: {"file_uuid": _file_of_the_site_of_a(cast).uuid},
        about="fichier de A que rien ne cite",
    ),
    "portal:site": Rule(GET=EDITORS),
    "portal:site-school": Rule(GET=EDITORS_OF_A, at=_site_of_a, about="établissement A"),
    "portal:site-presentation": Rule(
        GET=EDITORS_OF_A, POST=EDITORS_OF_A, at=_site_of_a, about="établissement A"
    ),
    "portal:site-presentation-versions": Rule(
        GET=EDITORS_OF_A, POST=NO_ONE, at=_site_of_a, about="aucune version à rétablir"
    ),
    "portal:site-message": Rule(
        GET=EDITORS_OF_A, POST=EDITORS_OF_A, at=_site_of_a, about="établissement A"
    ),
    "portal:site-hours": Rule(
        GET=EDITORS_OF_A, POST=EDITORS_OF_A, at=_site_of_a, about="établissement A"
    ),
    "portal:site-links": Rule(
        GET=EDITORS_OF_A, POST=EDITORS_OF_A, at=_site_of_a, about="établissement A"
    ),
    "portal:site-links-act": Rule(
        POST=EDITORS_OF_A, at=_site_of_a, data=_link_of_a, about="lien de A"
    ),
    "portal:site-news": Rule(GET=EDITORS_OF_A, at=_site_of_a, about="établissement A"),
    "portal:site-news-add": Rule(
        GET=EDITORS_OF_A, POST=EDITORS_OF_A, at=_site_of_a, about="établissement A"
    ),
    "portal:site-news-change": Rule(
        GET=EDITORS_OF_A, POST=EDITORS_OF_A, at=_news_of_a, about="brouillon de A"
    ),
    "portal:site-news-preview": Rule(GET=EDITORS_OF_A, at=_news_of_a, about="brouillon de A"),
    "portal:site-news-act": Rule(POST=EDITORS_OF_A, at=_news_of_a, about="brouillon de A"),
    "portal:site-news-versions": Rule(
        GET=EDITORS_OF_A, POST=NO_ONE, at=_news_of_a, about="aucune version à rétablir"
    ),
    "portal:site-pages": Rule(GET=EDITORS_OF_A, at=_site_of_a, about="établissement A"),
    "portal:site-page-add": Rule(
        GET=EDITORS_OF_A, POST=EDITORS_OF_A, at=_site_of_a, about="établissement A"
    ),
    "portal:site-page-change": Rule(
        GET=EDITORS_OF_A, POST=EDITORS_OF_A, at=_page_of_a, about="page de A"
    ),
    "portal:site-page-act": Rule(POST=EDITORS_OF_A, at=_page_of_a, about="page de A"),
    "portal:site-page-versions": Rule(
        GET=EDITORS_OF_A, POST=NO_ONE, at=_page_of_a, about="aucune version à rétablir"
    ),
    "portal:site-files": Rule(
        GET=EDITORS_OF_A, POST=EDITORS_OF_A, at=_site_of_a, about="établissement A"
    ),
    "portal:site-file-change": Rule(
        GET=EDITORS_OF_A, POST=EDITORS_OF_A, at=_site_file_of_a, about="fichier de A"
    ),
    "portal:site-file-delete": Rule(POST=EDITORS_OF_A, at=_site_file_of_a, about="fichier de A"),
    "portal:text": Rule(GET=EVERYBODY, at=lambda cast: {"kind": "mentions-legales"}),
    "portal:theme": Rule(GET=EVERYBODY, at=lambda cast: {"colour": "1b3263"}),
    "portal:logo": Rule(GET=NO_ONE, at=lambda cast: {"logo_uuid": UNKNOWN}, about="logo inconnu"),
    "portal:robots": Rule(GET=EVERYBODY),
    "portal:sitemap": Rule(GET=EVERYBODY),
    "demo:mail": Rule(GET=EVERYBODY, about="démonstration seulement"),
    # --- Django's admin, whatever its address
    "admin:*": Elsewhere("exploitants seulement : tests/directory/test_operators.py"),
}

RIGHTS_PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "rights.md"


def rule_for(name: str) -> Rule | Elsewhere | None:
    """Return the line of a URL name, or the line of its whole namespace."""
    return RULES.get(name) or RULES.get(f"{name.partition(':')[0]}:*")


def views_by_name() -> dict[str, Callable[..., Any]]:
    """Return the view of each address that has a name."""
    from django.urls import URLPattern, get_resolver

    found: dict[str, Callable[..., Any]] = {}

    def walk(resolver: Any, namespaces: tuple[str, ...]) -> None:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLPattern):
                found[":".join((*namespaces, pattern.name or ""))] = pattern.callback
            else:
                inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
                walk(pattern, inner)

    walk(get_resolver(), ())
    return found


def asks_for_proof(name: str, verb: str) -> bool:
    """Does the address ask for a recent proof at this verb?"""
    from signin.kept_forms.middleware import needs_none

    view = views_by_name()[name]
    if verb == "POST":
        return not needs_none(view)
    return bool(getattr(view, "asks_for_recent_proof", False))


def write_rights() -> str:
    """Return ``docs/rights.md``: the acts table, then the matrix that the tests walk."""
    from directory.enums import Role
    from directory.rights.acts import RIGHTS, Scope

    roles = list(Role)
    lines = [
        "# Rights",
        "",
        "Generated by `python -m tests.rights` from `directory/rights/acts.py` and the matrix of",
        "`tests/rights.py`, which `tests/directory/test_rights_matrix.py` walks over the whole",
        "resolver. Do not edit.",
        "",
        "## Acts",
        "",
        "Scopes: " + ", ".join(f"{scope.value} = {scope.label.lower()}" for scope in Scope) + ".",
        "Nobody acts on themselves or upwards: see `directory.rights.acts.Rank`.",
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
        "« récente »: asks for a proof of the last quarter of an hour.",
        "",
        "| address | verb | object | proof | " + " | ".join(PROFILES.values()) + " |",
        "|---|---|---|---|" + "---|" * len(PROFILES),
    ]
    for name, rule in RULES.items():
        if isinstance(rule, Elsewhere):
            lines.append(f"| `{name}` | | {rule.reason} | |" + " |" * len(PROFILES))
            continue
        for verb in ("GET", "POST"):
            allowed: frozenset[str] | None = getattr(rule, verb)
            if allowed is not None:
                cells = ["●" if profile in allowed else "·" for profile in PROFILES]
                proof = "récente" if asks_for_proof(name, verb) else ""
                row = f"| `{name}` | {verb} | {rule.about} | {proof} | "
                lines.append(row + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import django

    django.setup()
    RIGHTS_PAGE.write_text(write_rights(), encoding="utf-8")
