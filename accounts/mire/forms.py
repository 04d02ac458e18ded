"""The form of the mire."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from accounts.enums import Audience
from accounts.mire.remembered_door import RememberedDoor


class MireForm(forms.Form):
    """Who somebody is, by which door they come in, and whether this browser remembers it.

    The page draws the fields itself (doors stand inside their profile); the form judges them.
    """

    REMEMBER: ClassVar = [("non", "Non"), ("oui", "Oui")]

    profil = forms.ChoiceField(
        label="Vous êtes",
        choices=Audience.choices,
        error_messages={
            "required": "Choisissez qui vous êtes\u00a0: élève ou parent, enseignant…",
            "invalid_choice": "Choisissez l’un des profils proposés.",
        },
    )
    memoriser = forms.ChoiceField(choices=REMEMBER, required=False, initial="non")

    def clean(self) -> dict[str, Any]:
        """Find the door that was chosen under the chosen profile."""
        cleaned = super().clean() or {}
        audience = cleaned.get("profil")
        if audience:
            code = str(self.data.get(f"guichet-{audience}", ""))
            cleaned["choice"] = RememberedDoor.between(audience, code)
            if cleaned["choice"] is None:
                self.add_error(
                    None, "Choisissez votre guichet, par exemple celui de votre académie."
                )
        return cleaned
