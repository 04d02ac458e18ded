"""Why an account is blocked, and until when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django import forms
from django.utils import timezone

_LONGEST: Final = timedelta(days=366)


class BlockForm(forms.Form):
    """« Bloquer le compte »."""

    motif = forms.CharField(
        label="Motif",
        max_length=200,
        help_text="Lu par les administrateurs qui pourront rétablir le compte. La personne ne le "
        "voit pas.",
        error_messages={"required": "Écrivez pourquoi ce compte est bloqué."},
    )
    jusqu_au = forms.DateField(
        label="Dernier jour du blocage",
        required=False,
        help_text="Laissez vide pour bloquer jusqu’à ce que quelqu’un rétablisse le compte.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Écrivez une date, comme 30/06/2027."},
    )

    def clean_jusqu_au(self) -> date | None:
        """Refuse a day that is over, and one beyond a year: by then somebody looks again."""
        last_day: date | None = self.cleaned_data["jusqu_au"]
        today = timezone.localdate()
        if last_day is not None and last_day < today:
            raise forms.ValidationError("Ce jour est passé.")
        if last_day is not None and last_day > today + _LONGEST:
            raise forms.ValidationError("Choisissez un jour dans l’année qui vient.")
        return last_day
