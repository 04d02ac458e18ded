"""An address typed by component: each mistake is named in its own field (T-B6)."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms

from sso.catalogue.addresses import (
    SCHEMES,
    Address,
    AddressRefused,
    read_address,
)
from sso.enums import AddressUse

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_HOST_SIGNS = re.compile(r"[a-zA-Z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_HIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\ufeff]")


class AddressForm(forms.Form):
    """Scheme, host, port and beginning of the path; `address` once it is valid."""

    scheme = forms.ChoiceField(
        label="Protocole",
        choices=[
            ("https", "https (recommandé)"),
            ("http", "http\u00a0: en clair, réseau interne seulement"),
        ],
    )
    host = forms.CharField(
        label="Nom d’hôte",
        max_length=253,
        help_text="Ce qui suit https:// dans l’adresse, jusqu’à la première barre.",
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    port = forms.IntegerField(
        label="Port",
        min_value=1,
        max_value=65535,
        required=False,
        help_text="Vide\u00a0: le port habituel (443 en https, 80 en http).",
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    path = forms.CharField(
        label="Début du chemin",
        max_length=300,
        required=False,
        help_text="Par exemple /pronote. Vide ou /\u00a0: tout le site.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )

    address: Address | None = None

    def clean_host(self) -> str:
        """Refuse what is not a plain host name, saying what is too much."""
        host: str = self.cleaned_data["host"]
        if "@" in host:
            raise forms.ValidationError(
                "Pas de nom d’utilisateur dans l’adresse\u00a0: retirez ce qui précède @."
            )
        if "\\" in host:
            raise forms.ValidationError("La barre oblique inversée (\\) est refusée.")
        if _HIDDEN.search(host):
            raise forms.ValidationError("Pas d’espace ni de caractère invisible dans l’hôte.")
        if "/" in host or "?" in host or "#" in host:
            raise forms.ValidationError(
                "Seulement le nom d’hôte, sans https:// ni chemin\u00a0: le chemin a son champ."
            )
        if ":" in host and not host.startswith("["):
            raise forms.ValidationError("Le port s’indique dans son propre champ.")
        if not _HOST_SIGNS.fullmatch(host):
            raise forms.ValidationError(
                "Lettres sans accent, chiffres, points et tirets seulement. Un nom accentué"
                " s’écrit sous sa forme xn--…"
            )
        return host.lower()

    def clean_path(self) -> str:
        """Refuse a path that a browser and a server might read differently."""
        path: str = self.cleaned_data["path"] or "/"
        if "\\" in path or "%5c" in path.lower():
            raise forms.ValidationError("La barre oblique inversée (\\) est refusée.")
        if _HIDDEN.search(path):
            raise forms.ValidationError("Pas d’espace ni de caractère invisible dans le chemin.")
        if "?" in path or "#" in path:
            raise forms.ValidationError(
                "Seulement le chemin\u00a0: rien après «\u00a0?\u00a0» ou «\u00a0#\u00a0»."
            )
        path = path if path.startswith("/") else f"/{path}"
        if "/../" in f"{path}/" or "/./" in f"{path}/":
            raise forms.ValidationError("Les passages «\u00a0/../\u00a0» sont refusés.")
        if not path.isascii():
            raise forms.ValidationError("Lettres sans accent seulement, ou sous leur forme %C3%A9.")
        return path

    def clean(self) -> dict[str, Any]:
        """Read the whole as every request will; what is refused there is refused here."""
        data = super().clean() or {}
        if self.errors:
            return data
        scheme = data["scheme"] if data["scheme"] in SCHEMES else "https"
        port = data.get("port")
        shown = f":{port}" if port and port != _DEFAULT_PORTS[scheme] else ""
        try:
            self.address = read_address(f"{scheme}://{data['host']}{shown}{data['path']}")
        except AddressRefused as error:
            raise forms.ValidationError(
                "Cette adresse est refusée\u00a0: un navigateur et l’ENT pourraient la lire"
                " différemment. Recopiez-la depuis la barre du navigateur, morceau par morceau."
            ) from error
        return data


class ServiceAddressForm(AddressForm):
    """One more address of a service that exists."""

    use = forms.ChoiceField(label="Usage", choices=AddressUse.choices)

    field_order = ("use", "scheme", "host", "port", "path")

    def __init__(self, *args: Any, may_proxy: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_proxy:
            self.fields["use"] = forms.ChoiceField(
                choices=AddressUse.choices[:1],
                initial=AddressUse.SIGN_IN,
                widget=forms.HiddenInput,
            )

    def clean(self) -> dict[str, Any]:
        """Proxy tickets are received over https only."""
        data = super().clean()
        is_callback = data.get("use") == AddressUse.PROXY_CALLBACK
        if is_callback and data.get("scheme") == "http":
            self.add_error("scheme", "Un mandat ne se reçoit qu’en https.")
        return data
