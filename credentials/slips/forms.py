"""The form of slips and letters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms

from credentials.choice.forms import SelectionForm
from credentials.choice.population import PopulationChoice
from credentials.enums import SlipLayout


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

    sans_adresse = forms.BooleanField(
        label="Aussi les lettres sans adresse postale",
        help_text="À remettre en main propre. Sinon elles sont comptées et laissées de côté.",
        required=False,
    )

    def choice(self) -> PopulationChoice:
        """What a valid form says: a letter goes to people who can be written to, unless asked."""
        is_posted = self.layout == SlipLayout.LETTER and not self.cleaned_data["sans_adresse"]
        return replace(super().choice(), is_only_with_postal_address=is_posted)

    @property
    def layout(self) -> SlipLayout:
        """How the sheets of a valid form are cut."""
        return SlipLayout(self.cleaned_data["format"])

    @staticmethod
    def defaults() -> dict[str, Any]:
        """What is chosen when the page opens."""
        return {"format": SlipLayout.EIGHT.value}
