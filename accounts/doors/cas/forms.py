"""The form of a door of kind CAS: the door and its server in one form."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from accounts.doors.base.forms import DoorForm, ServerDoorForm
from accounts.doors.base.models import Door
from accounts.doors.cas.models import CasServer
from accounts.enums import CasVersion

_ADDRESS_HELP = "Par exemple https://portail.ac-academie.fr/cas/ (sans «\u00a0login\u00a0»)."
_SERVER_FIELDS = (
    "public_url",
    "back_channel_url",
    "version",
    "method_parameter",
    "deadline_seconds",
)


class CasDoorForm(ServerDoorForm):
    """A door that leads to an academy's CAS server: the door and the server in one form."""

    public_url = forms.URLField(
        label="Adresse du portail",
        max_length=300,
        assume_scheme="https",
        help_text=f"Celle que les navigateurs ouvrent. {_ADDRESS_HELP}",
        error_messages={"required": "Indiquez l’adresse du portail."},
    )
    back_channel_url = forms.URLField(
        label="Adresse de validation",
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text="Celle que nos serveurs appellent, si elle est différente.",
    )
    version = forms.ChoiceField(
        label="Version du protocole", choices=CasVersion.choices, initial=CasVersion.V3
    )
    method_parameter = forms.CharField(
        label="Paramètre de la méthode",
        max_length=80,
        required=False,
        initial="authn_method",
        help_text="Le paramètre par lequel on demande la clé OTP à ce portail.",
    )
    deadline_seconds = forms.IntegerField(
        label="Délai de réponse, en secondes",
        min_value=1,
        max_value=4,
        initial=4,
        help_text="De 1 à 4. Au-delà, la personne lit que le portail ne répond pas.",
    )

    field_order = (
        *DoorForm.Meta.fields,
        *("public_url", "back_channel_url", "version", "match_on", "match_attribute"),
        *("renew_policy", "method_parameter", "key_method", "deadline_seconds"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        server: CasServer | None = getattr(self.instance, "cas", None)
        if server is not None:
            self.initial.update({name: getattr(server, name) for name in _SERVER_FIELDS})

    def clean_public_url(self) -> str:
        """A plain address of a folder; https unless the settings allow plain http."""
        return _checked_address(self.cleaned_data["public_url"])

    def clean_back_channel_url(self) -> str:
        """Same rule."""
        return _checked_address(self.cleaned_data["back_channel_url"])

    def clean(self) -> dict[str, Any]:
        """CAS 1 says who, and nothing else."""
        cleaned = super().clean() or {}
        if cleaned.get("version") == CasVersion.V1 and cleaned.get("match_attribute"):
            self.add_error(
                "match_attribute",
                "CAS 1 ne transmet aucun attribut\u00a0: laissez vide, ou choisissez CAS 3.",
            )
        return cleaned

    def save_server(self, door: Door) -> bool:
        """Write how the server is reached."""
        values = {name: self.cleaned_data[name] for name in _SERVER_FIELDS}
        CasServer.objects.update_or_create(door=door, defaults=values)
        return True


def _checked_address(address: str) -> str:
    if not address:
        return ""
    parts = urlsplit(address)
    if parts.scheme not in ("https", "http") or parts.query or parts.fragment or parts.username:
        raise ValidationError("Une adresse simple, sans paramètre ni identifiant.")
    if parts.scheme != "https" and not settings.PLAIN_HTTP_ACADEMIES:
        raise ValidationError("L’adresse commence par https://.")
    if parts.path.rstrip("/").endswith("/login"):
        raise ValidationError("L’adresse du dossier, sans «\u00a0login\u00a0» à la fin.")
    return address.rstrip("/") + "/"
