"""The address of a Pronote server, as its administrator copies it from a browser."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from sso.catalogue.addresses import SCHEMES, Address, AddressRefused, read_address

_PRIVATE_ENDS: Final = (".local", ".lan", ".internal", ".intranet", ".home.arpa", ".localhost")
_UNREADABLE: Final = (
    "Cette adresse n’est pas lisible\u00a0: copiez celle de la page de connexion de Pronote, comme"
    " https://0123456a.index-education.net/pronote/."
)


def read_pronote_address(typed: str) -> Address:
    """Return the root of Pronote: a page (« eleve.html »), a query and a last slash are left off.

    Raises `ValidationError` with a sentence for the page.
    """
    try:
        address = read_address(typed.strip())
        path = urlsplit(address.text).path
        folder, _, page = path.rpartition("/")
        root = folder if page.lower().endswith(".html") else path.rstrip("/")
        text = f"{address.origin}{root}"
        URLValidator(SCHEMES)(text)
        return read_address(text)
    except (AddressRefused, ValidationError):
        raise ValidationError(_UNREADABLE) from None


def why_unusual(address: Address) -> list[str]:
    """Why an ENT administrator has to allow this address; nothing for a usual one.

    Nothing of ours opens a connection to it but the sign-out notice, off at first.
    """
    reasons = []
    if address.scheme == "http":
        reasons.append("elle est en http, sans chiffrement")
    try:
        number = ipaddress.ip_address(address.host.strip("[]"))
    except ValueError:
        if "." not in address.host or address.host.endswith(_PRIVATE_ENDS):
            reasons.append("elle désigne un réseau privé")
    else:
        reasons.append("elle désigne une machine par son numéro")
        if not number.is_global:
            reasons.append("elle désigne un réseau privé")
    return reasons
