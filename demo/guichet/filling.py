"""Filling Nancy-Metz's guichet by the product's own ways: its feed, its seed import, its desk."""

from __future__ import annotations

import csv
import json
import os
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from demo.fobs.kept import Fob, read_or_make_fobs
from demo.guichet.emblem import emblem
from demo.guichet.plan import AUTHORITY, PASSWORD, PIN, Plan, plan_path
from demo.guichet.texts import CHARTER, SECURITY
from directory.models import Authority
from ent.audit.origin import COMMAND
from ent.jobs.models import Job
from ent.jobs.running import run_now
from guichet import tasks  # noqa: F401 - registers the kinds of jobs
from guichet.agents.models import AcademicCredential
from guichet.agents_feed.reading import read_agents
from guichet.agents_feed.services import apply_agents
from guichet.assistance.first_agent import create_helpdesk_agent
from guichet.assistance.services import DeskAct, assign_key
from guichet.authority.current import forget_guichet
from guichet.authority.models import Guichet
from guichet.enums import KeyEvent, KeySlot, KeyState, PinState
from guichet.keys.models import KeyAct, OtpKey
from guichet.seed_files import services as seed_files
from signin.enums import Realm
from signin.passwords.hashing import hash_password
from sso.catalogue.addresses import read_address
from sso.enums import AddressUse, AttributeFormat, AttributeSource
from sso.models import ReleasedAttribute, Service, ServiceAddress, ServiceAudience

COLOUR: Final = "#7a1f4b"
HELPER: Final = "saccueil"
_COLUMNS: Final = ("Identifiant", "Nom", "Prénom", "Courriel", "Fonction")


def fill_guichet() -> None:
    """Look, agents, fobs, keys, the portal as a service; what is there already stays."""
    var = Path(settings.VAR_DIR)
    plan = Plan.read(plan_path(var))
    guichet = _dress()
    helper = _bring_agents(plan, guichet)
    drawer = var / "demo" / "fobs"
    fobs = read_or_make_fobs(drawer / "fobs.json")
    _import_seeds(fobs, guichet, helper)
    words = _hand_out(fobs, plan, guichet, helper)
    (drawer / "words.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
    _write_accounts(var / "demo" / "guichet" / "accounts.txt", plan, fobs)
    _register_portal(os.environ.get("PUBLIC_BASE_URL", "http://127.0.0.1:8000"))


def _dress() -> Guichet:
    authority = Authority.objects.get(code=AUTHORITY)
    guichet, _ = Guichet.objects.get_or_create(
        authority=authority,
        defaults={
            "name": authority.name,
            "colour": COLOUR,
            "logo": emblem(COLOUR),
            "security_text": SECURITY,
            "charter_text": CHARTER,
        },
    )
    forget_guichet()
    return guichet


def _bring_agents(plan: Plan, guichet: Guichet) -> AcademicCredential:
    """Bring the academy's file in, once, and an agent of the helpdesk; everybody has the password.

    A file that is read again would close whom somebody added meanwhile.
    """
    known = AcademicCredential.objects.of(guichet.authority)
    if not known.exists():
        text = StringIO()
        table = csv.writer(text, delimiter=";")
        table.writerow(_COLUMNS)
        for one in plan.agents:
            table.writerow((one.uid, one.family_name, one.given_name, one.email, one.function))
        read = read_agents(text.getvalue().encode())
        if read.faults:
            raise RuntimeError(f"the academy's file: {read.faults[:3]}")
        apply_agents(read, guichet=guichet, is_dry=False)
        create_helpdesk_agent(
            authority=guichet.authority, uid=HELPER, given_name="Solène", family_name="Accueil"
        )
        known.filter(password="").update(
            password=hash_password(PASSWORD),
            must_choose_password=False,
            code_verifier=None,
            code_expires_at=None,
        )
    return known.select_related("authority", "person").get(uid=HELPER)


def _import_seeds(fobs: list[Fob], guichet: Guichet, helper: AcademicCredential) -> None:
    """Import the maker's file, as the helpdesk does; known serials stay as they are."""
    known = OtpKey.objects.of(guichet.authority).filter(serial__in=[fob.serial for fob in fobs])
    if known.count() == len(fobs):
        return
    lines = ["serial;seed;interval", *(f"{fob.serial};{fob.seed};60" for fob in fobs)]
    received = seed_files.receive_file(
        "\n".join(lines).encode(), transport="", interval=None, guichet=guichet, actor=helper
    )
    _run(received.job)
    seed_files.confirm(received, actor=helper)
    received.refresh_from_db()
    _run(received.job)


def _run(job: UUID | None) -> None:
    if job is not None:
        run_now(Job.objects.get(uuid=job))


def _hand_out(
    fobs: list[Fob], plan: Plan, guichet: Guichet, helper: AcademicCredential
) -> dict[str, str]:
    """Two keys are in service with the PIN that is printed; one waits for its first use.

    Return the words that stand under each drawn fob.
    """
    desk = DeskAct(guichet=guichet, actor=helper, origin=COMMAND)
    words = {}
    for fob, (uid, is_in_service) in zip(fobs, _wanted(plan), strict=False):
        agent = AcademicCredential.objects.of(guichet.authority).filter(uid=uid).first()
        key = OtpKey.objects.of(guichet.authority).get(serial=fob.serial)
        if agent is None:
            continue
        words[fob.serial] = (
            f"Clé de {uid}, code PIN {PIN}" if is_in_service else f"Clé de {uid}, jamais utilisée"
        )
        if key.state != KeyState.STOCK or agent.keys.exists():
            continue
        key = assign_key(fob.serial, agent, desk)
        if is_in_service:
            _put_in_service(key, agent)
        else:
            key.first_use_until = timezone.now() + timedelta(days=3650)  # the demo goes on
            key.save(update_fields=["first_use_until"])
    return words


def _wanted(plan: Plan) -> tuple[tuple[str, bool], ...]:
    """Whose the first fobs are, and whether they are in service."""
    return ((plan.with_key, True), (HELPER, True), (plan.with_new_key, False))


def _write_accounts(path: Path, plan: Plan, fobs: list[Fob]) -> None:
    """What the terminal says of the guichet; its supervisor knows the addresses."""
    own_page = f"mot de passe «\u00a0{PASSWORD}\u00a0», {{guichet}}/assistance/"
    lines = [
        "Guichet de l’académie de Nancy-Metz\u00a0: {guichet}",
        "Ses clés OTP, dessinées avec leur code du moment\u00a0: {fobs}",
        f"  {plan.with_key or '-'}  clé {fobs[0].serial} en service, code PIN {PIN}",
        f"  {plan.with_new_key or '-'}  clé {fobs[2].serial} jamais utilisée\u00a0: son code, seul",
        f"  {HELPER}  assistance, clé {fobs[1].serial} en service, code PIN {PIN}, {own_page}",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _put_in_service(key: OtpKey, agent: AcademicCredential) -> None:
    """As if its holder had typed two codes and chosen the PIN."""
    key.state, key.slot = KeyState.ACTIVE, KeySlot.CURRENT
    key.pin, key.pin_state = hash_password(PIN), PinState.SET
    key.first_use_until = None
    key.save()
    KeyAct.objects.create(
        key=key, holder=agent, at=timezone.now(), event=KeyEvent.PIN_SET, actor=agent
    )


def _register_portal(base_url: str) -> None:
    """The portal is a service of the guichet like any other: one address, what it is told."""
    service, is_new = Service.objects.update_or_create(
        code="demo-portail",
        defaults={"home_url": base_url},
        create_defaults={
            "home_url": base_url,
            "name": "Préau, l’ENT de la Région",
            "realm": Realm.GUICHET,
            "user_attribute": AttributeSource.LOGIN,
            "releases_over_http": True,
        },
    )
    address = read_address(f"{base_url}/guichet/{AUTHORITY.lower()}/")
    place = {
        "use": AddressUse.SIGN_IN,
        "scheme": address.scheme,
        "host": address.host,
        "port": address.port,
        "path_prefix": address.path,
    }
    if not service.addresses.filter(**place).exists():
        service.addresses.all().delete()
        ServiceAddress.objects.create(service=service, **place)
    if is_new:
        ServiceAudience.objects.create(service=service)
        ReleasedAttribute.objects.create(
            service=service,
            name="mail",
            source=AttributeSource.EMAIL,
            format=AttributeFormat.PLAIN,
        )
