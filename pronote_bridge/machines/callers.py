"""Which instance's machine calls: every refusal is the same for an instance that does not exist.

In this order: too many calls from the place (429), the secret (401), the network (403). Whoever has
no secret learns nothing of instances, and the same statements run whichever is named.
"""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from ent.audit.enums import Outcome
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.web.client_address import address_group, client_address
from pronote_bridge.instances.models import Instance
from pronote_bridge.journal import PronoteAct
from pronote_bridge.machines.counting import CALLS_A_MINUTE, is_too_often
from pronote_bridge.machines.models import MachineSecret
from pronote_bridge.machines.secrets import LONGEST, hash_of

MINUTE: Final = timedelta(minutes=1)
_WORDS: Final = {
    401: "Secret absent, inconnu ou retiré.",
    403: "Appel refusé depuis ce réseau.",
    404: "Aucun fichier à cette adresse.",
    429: "Trop d’appels. Réessayez plus tard.",
}


class CallRefused(Exception):
    """The call goes no further; *status* is one of 401, 403, 404 and 429."""

    def __init__(self, status: int, *, retry_after: int = 0) -> None:
        super().__init__(status)
        self.status = status
        self.retry_after = retry_after

    @property
    def answer(self) -> JsonResponse:
        """The same words for everybody who is refused so."""
        response = JsonResponse({"erreur": _WORDS[self.status]}, status=self.status)
        response["Cache-Control"] = "no-store, private"
        if self.status == 401:
            response["WWW-Authenticate"] = "Bearer"
        if self.retry_after:
            response["Retry-After"] = str(self.retry_after)
        return response


def caller_of(request: HttpRequest, instance: UUID) -> tuple[MachineSecret, str]:
    """Return the secret's row (with its instance) and the secret; raise `CallRefused` otherwise."""
    address = client_address(request)
    if is_too_often(f"place:{address_group(address)}", most=CALLS_A_MINUTE, within=MINUTE):
        raise CallRefused(429, retry_after=int(MINUTE.total_seconds()))
    secret = _bearer(request)
    found = (
        MachineSecret.objects.alive()
        .select_related("instance__key_school__authority", "instance__machine_access")
        .filter(
            secret_hash=hash_of(secret),
            instance__uuid=instance,
            instance__withdrawn_at__isnull=True,
            instance__machine_access__is_open=True,
        )
        .first()
    )
    if found is None:
        _journal_refusal(request, None, "secret")
        raise CallRefused(401)
    if not _is_within(address, found.instance.machine_access.networks):
        _journal_refusal(request, found.instance, "network")
        raise CallRefused(403)
    MachineSecret.objects.filter(pk=found.pk).update(last_used_at=timezone.now())
    return found, secret


def _bearer(request: HttpRequest) -> str:
    """The secret stands in a header, never in an address (RFC 6750, 2.1)."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip()[:LONGEST] if scheme.lower() == "bearer" else ""


def _is_within(address: str, networks: list[str]) -> bool:
    try:
        place = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(place in ipaddress.ip_network(network) for network in networks)


def _journal_refusal(request: HttpRequest, instance: Instance | None, reason: str) -> None:
    record(
        act=PronoteAct.MACHINE_REFUSED,
        actor=instance.uuid if instance is not None else None,
        school_uai=instance.key_school.uai if instance is not None else "",
        outcome=Outcome.REFUSED,
        origin=Origin.of(request),
        details={"reason": reason},
    )
