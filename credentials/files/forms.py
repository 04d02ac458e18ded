"""Forms of the credential files' desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from directory.models import School

_MOST_BOXES = 12


class PerimeterForm(forms.Form):
    """« Périmètre » and « Date de recherche »: which accounts a file will hold.

    The schools are those of the person who asks: a school of somebody else is refused like one
    that does not exist, and nothing is done for the others (T-F3).
    """

    perimetre = forms.ModelMultipleChoiceField(
        School.objects.none(),
        to_field_name="uai",
        label="Périmètre",
        help_text="Un fichier par établissement.",
        error_messages={
            "required": "Choisissez au moins un établissement.",
            "invalid_choice": "Choisissez seulement des établissements de la liste.",
        },
    )
    date = forms.DateField(
        label="Date de recherche",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        help_text="Comptes créés ce jour-là ou après. "
        "Laissez vide pour tous les comptes de l’établissement.",
        error_messages={"invalid": "Écrivez la date comme 01/09/2026."},
    )

    def __init__(self, *args: Any, schools: QuerySet[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["perimetre"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101
        few = list(schools[: _MOST_BOXES + 1])
        if len(few) <= _MOST_BOXES:
            field.widget = forms.CheckboxSelectMultiple()
        else:
            field.widget = forms.SelectMultiple(attrs={"size": 10})
            field.help_text += (
                " Pour en choisir plusieurs à la souris, gardez la touche Ctrl enfoncée."
            )
        field.queryset = schools
        if len(few) == 1 and not self.is_bound:
            self.initial.setdefault("perimetre", [few[0].uai])

    def clean_date(self) -> Any:
        """Refuse a day to come: the file would be empty."""
        day = self.cleaned_data["date"]
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError("Cette date n’est pas encore passée.")
        return day

    @property
    def chosen_schools(self) -> list[School]:
        """The schools of a valid form, read once."""
        return list(self.cleaned_data["perimetre"])


class ReissueForm(PerimeterForm):
    """The perimeter again, with the typed count that confirms a re-issue."""

    nombre = forms.IntegerField(
        label="Nombre de codes à remplacer",
        min_value=0,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "Recopiez le nombre de codes à remplacer.",
            "invalid": "Recopiez le nombre en chiffres.",
        },
    )

    def __init__(self, *args: Any, expected: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected = expected
        for name in ("perimetre", "date"):
            self.fields[name].widget = self.fields[name].hidden_widget()
        self.fields["nombre"].help_text = f"Pour confirmer, recopiez ce nombre\u00a0: {expected}."

    def clean_nombre(self) -> int:
        """The number shown and the number typed are the same, or nothing happens."""
        typed = self.cleaned_data["nombre"]
        if typed != self._expected:
            raise forms.ValidationError(
                f"Le nombre est maintenant {self._expected}. Relisez, puis recopiez-le."
            )
        return int(typed)


class DeleteFileForm(forms.Form):
    """Confirms a deletion."""

    annuler_codes = forms.BooleanField(
        label="Annuler aussi les codes imprimés dans ce fichier",
        required=False,
        help_text="Les fiches déjà remises ne fonctionneront plus pour qui n’a pas encore choisi "
        "son mot de passe.",
    )
