"""Filters of the journal."""

from __future__ import annotations

from typing import Any

from django import forms

from ent.audit.enums import Outcome
from ent.audit.vocabulary import act_choices


class JournalForm(forms.Form):
    """Which acts, when, about whom; by GET."""

    acte = forms.ChoiceField(label="Acte", required=False)
    resultat = forms.ChoiceField(
        label="Résultat", required=False, choices=[("", "Tous"), *Outcome.choices]
    )
    du = forms.DateField(
        label="Du",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    au = forms.DateField(
        label="Au",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    qui = forms.CharField(label="Nom d’une personne", required=False, max_length=200)
    personne = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["acte"] = forms.ChoiceField(
            label="Acte", required=False, choices=[("", "Tous"), *act_choices()]
        )

    def clean(self) -> dict[str, Any]:
        """The end comes after the beginning."""
        data = super().clean() or {}
        if data.get("du") and data.get("au") and data["au"] < data["du"]:
            self.add_error("au", "La fin vient avant le début.")
        return data
