"""A personal address."""

from __future__ import annotations

from typing import Any

from django import forms

from guichet.agents.models import AcademicCredential


class AddressForm(forms.Form):
    """An address that opens without the academic password."""

    address = forms.EmailField(
        label="Adresse personnelle",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Indiquez une adresse.",
            "invalid": "Cette adresse ne s’écrit pas ainsi\u00a0: nom@exemple.fr.",
        },
    )

    def __init__(self, *args: Any, agent: AcademicCredential, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._domain = agent.email.rpartition("@")[2].lower()

    def clean_address(self) -> str:
        """Refuse the academy's own mail: it opens with the password that would be forgotten."""
        address = str(self.cleaned_data["address"])
        if self._domain and address.lower().rpartition("@")[2] == self._domain:
            raise forms.ValidationError(
                "Cette messagerie s’ouvre avec le mot de passe académique\u00a0: indiquez une "
                "adresse qui n’en dépend pas."
            )
        return address
