"""Writing the vendor's side: who we are to the vendor, and its key."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from directory.models import Person
from directory.rights.actors import actor_for
from ent.audit.origin import Origin
from ent.audit.services import record
from pronote_bridge.format.public_keys import VendorKey, read_public_key
from pronote_bridge.journal import PronoteAct
from pronote_bridge.vendor.models import VendorPartner
from pronote_bridge.vendor.perms import can_keep_vendor

_IDENTITY: Final = (
    "partner_id",
    "partner_name",
    "container_version",
    "envelope",
    "support_address",
    "mail_subject",
)


def vendor_partner() -> VendorPartner:
    """Return the portal's row, as it is or still empty."""
    return VendorPartner.objects.filter(pk=1).first() or VendorPartner(pk=1)


@transaction.atomic
def change_vendor(*, values: dict[str, Any], actor: Person, at: Origin) -> VendorPartner:
    """Write who we are to the vendor; only what changed is named in the journal."""
    partner = _held(actor)
    changed = [name for name in _IDENTITY if getattr(partner, name) != values[name]]
    for name in changed:
        setattr(partner, name, values[name])
    partner.full_clean(validate_unique=False)
    partner.save()
    if changed:
        record(
            act=PronoteAct.VENDOR_CHANGED,
            actor=actor.uuid,
            origin=at,
            details={"fields": ",".join(changed)},
        )
    return partner


@transaction.atomic
def change_key(*, key: VendorKey, actor: Person, at: Origin) -> VendorPartner:
    """Replace the vendor's key: the next export is for its holder. Identifiers do not change."""
    partner = _held(actor)
    before = partner.fingerprint
    partner.public_key, partner.fingerprint = key.pem, key.fingerprint
    partner.key_bits, partner.key_changed_at = key.bits, timezone.now()
    partner.save()
    record(
        act=PronoteAct.KEY_CHANGED,
        actor=actor.uuid,
        origin=at,
        details={"fingerprint": key.fingerprint, "before": before},
    )
    return partner


def vendor_key(partner: VendorPartner) -> VendorKey:
    """Return the key that is kept, ready to encrypt."""
    return read_public_key(partner.public_key.encode())


def _held(actor: Person) -> VendorPartner:
    """Lock the row; the right is read again inside the transaction (T-F4)."""
    if not can_keep_vendor(actor_for(actor)):
        raise PermissionDenied("the vendor's side is the portal's")
    VendorPartner.objects.get_or_create(pk=1)
    return VendorPartner.objects.select_for_update().get(pk=1)
