"""What the portal of the demonstration knows of its Pronote: the vendor, the key, one instance.

The other side is `demo.pronote`, a program of its own on the port DEMO_PRONOTE_PORT. Here the
administrator of the demonstration does, once, what a real one does on the screens.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from django.conf import settings

from demo.academic import Try
from demo.pronote.reconciliation.keys import as_ssh2, private_key
from demo.pronote.settings import PASSWORD_OF_SUPERVISOR
from demo.pronote_people import write_base
from directory.models import Person, School
from directory.rights.actors import actor_for
from ent.audit.origin import COMMAND
from pronote_bridge.enums import EnvelopeKind
from pronote_bridge.format.public_keys import read_public_key
from pronote_bridge.instances.addresses import read_pronote_address
from pronote_bridge.instances.models import Instance, every_list
from pronote_bridge.instances.services import InstanceSettings, change_instance, create_instance
from pronote_bridge.vendor.services import change_key, change_vendor, vendor_partner
from sso.catalogue.locking import ActorAndOrigin

_PARTNER: Final = {
    "partner_id": "ENT_PREAU",
    "partner_name": "Préau (Région de démonstration)",
    "container_version": "1.0",
    "envelope": EnvelopeKind.VENDOR,
    "support_address": "ent-pronote@preau.invalid",
    "mail_subject": "ENT_Pronote",
}


def connect_pronote(school: School, administrator: Person, lines: list[Try]) -> list[Try]:
    """Teach both sides about each other; return what the table says of it.

    Without the process that plays Pronote (DEMO_PRONOTE_PORT) nothing is done. A second run only
    follows the port and the key.
    """
    port = os.environ.get("DEMO_PRONOTE_PORT", "")
    if not port:
        return []
    folder = Path(settings.VAR_DIR) / "demo" / "pronote"
    write_base(school, folder / "people.json", alike={line.person_id for line in lines})
    _teach_vendor(administrator, folder)
    address = f"http://127.0.0.1:{port}/pronote"
    _place(school, address, administrator)
    return [
        Try(
            f"Superviseur de Pronote ({school.name})",
            "SPR",
            PASSWORD_OF_SUPERVISOR,
            f"{address}/administration/",
        )
    ]


def _teach_vendor(administrator: Person, folder: Path) -> None:
    key = read_public_key(as_ssh2(private_key(folder).public_key()).encode())
    change_vendor(values=dict(_PARTNER), actor=administrator, at=COMMAND)
    if vendor_partner().fingerprint != key.fingerprint:
        change_key(key=key, actor=administrator, at=COMMAND)


def _place(school: School, address: str, administrator: Person) -> None:
    """Make the school's instance, or follow the port of the program."""
    by = ActorAndOrigin(actor=actor_for(administrator), origin=COMMAND)
    wanted = InstanceSettings(
        name="Pronote",
        address=read_pronote_address(address),
        includes=every_list(),
        extras=[],
    )
    instance = Instance.objects.current().serving([school]).first()
    if instance is None:
        create_instance(settings=wanted, schools=[school], takes_over=None, by=by)
    elif instance.address != wanted.address.text:
        change_instance(instance=instance, settings=wanted, by=by)
