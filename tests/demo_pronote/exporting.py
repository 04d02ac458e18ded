"""The file of an instance, as an export of the product holds it."""

from __future__ import annotations

from io import BytesIO

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.utils import timezone

from pronote_bridge.enums import EnvelopeKind
from pronote_bridge.format.envelopes import write_file
from pronote_bridge.format.rows import Header
from pronote_bridge.instances.models import Instance
from pronote_bridge.population.identifiers import make_identifiers
from pronote_bridge.population.snapshot import fill_rows, read_lists, snapshot


def exported(instance: Instance, public_key: RSAPublicKey) -> bytes:
    """Everybody of the instance, encrypted for the holder of this key."""
    make_identifiers(instance)
    out = BytesIO()
    header = Header(
        partner_id="ENT_PREAU",
        partner_name="Préau",
        exported_at=timezone.localtime(),
        uai=instance.key_school.uai,
        version="1.0",
    )
    with snapshot():
        fill_rows(instance)
        write_file(
            out.write,
            kind=EnvelopeKind.VENDOR,
            header=header,
            lists=read_lists(instance),
            public_key=public_key,
        )
    return out.getvalue()
