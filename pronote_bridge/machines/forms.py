"""The form that opens an instance to machines."""

from __future__ import annotations

import ipaddress
from typing import Any

from django import forms

from pronote_bridge.machines.models import MachineAccess

_WIDEST_V4, _WIDEST_V6 = 16, 32


class AccessForm(forms.Form):
    """Whether machines may come, and from where."""

    ouverte = forms.BooleanField(label="Ouvrir l’adresse aux machines", required=False)
    reseaux = forms.CharField(
        label="Réseaux permis",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="Une adresse ou un réseau par ligne, comme 192.0.2.10 ou 198.51.100.0/24.",
    )

    def __init__(self, *args: Any, access: MachineAccess, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"ouverte": access.is_open, "reseaux": "\n".join(access.networks)}

    def clean_reseaux(self) -> list[str]:
        """Read each line as a network; one that holds half the world is a mistake."""
        networks = []
        for line in self.cleaned_data["reseaux"].split():
            try:
                network = ipaddress.ip_network(line, strict=False)
            except ValueError:
                raise forms.ValidationError(
                    f"«\u00a0{line[:60]}\u00a0» n’est ni une adresse ni un réseau."
                ) from None
            if network.prefixlen < (_WIDEST_V4 if network.version == 4 else _WIDEST_V6):
                raise forms.ValidationError(
                    f"«\u00a0{line}\u00a0» est trop large\u00a0: donnez le réseau de la machine."
                )
            networks.append(str(network))
        return list(dict.fromkeys(networks))

    def clean(self) -> dict[str, Any]:
        """Open to no network at all would refuse every call."""
        data = super().clean() or {}
        if data.get("ouverte") and not data.get("reseaux") and "reseaux" not in self.errors:
            self.add_error("reseaux", "Indiquez d’où la machine appelle, ou laissez fermé.")
        return data
