"""The form of slips and letters."""

from __future__ import annotations

from typing import Any

from django import forms

from credentials.enums import SlipLayout
from credentials.forms.selection import SelectionForm


class SlipsForm(SelectionForm):
    """Whose sheets, and how they are cut."""

    format = forms.ChoiceField(
        label="Présentation",
        choices=SlipLayout.choices,
        widget=forms.RadioSelect(),
        initial=SlipLayout.EIGHT.value,
        help_text="Les fiches se découpent le long des pointillés. Les lettres se plient en trois "
        "pour une enveloppe à fenêtre.",
        error_messages={"required": "Choisissez une présentation."},
    )

    @property
    def layout(self) -> SlipLayout:
        """How the sheets of a valid form are cut."""
        return SlipLayout(self.cleaned_data["format"])

    @staticmethod
    def defaults() -> dict[str, Any]:
        """What is chosen when the page opens."""
        return {"format": SlipLayout.EIGHT.value}
