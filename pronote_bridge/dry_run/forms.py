"""Forms of the dry reconciliation."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from ent.pages.french import size_words
from ent.tabular.reading.grids import column_words
from pronote_bridge.dry_run.enums import ListColumn, Situation
from pronote_bridge.dry_run.models import DryRunList
from pronote_bridge.dry_run.reading.headers import RELATIVES, SEVERAL, has_names
from pronote_bridge.enums import ListKind

_ORDER: Final = (ListKind.PUPILS, ListKind.GUARDIANS, ListKind.TEACHERS, ListKind.STAFF)
_HINTS: Final = {
    ListKind.PUPILS: "Nom, prénom, date de naissance, classe et, si possible, responsables.",
    ListKind.GUARDIANS: "Nom, prénom et élèves dont ils sont responsables.",
    ListKind.TEACHERS: "Nom et prénom.",
    ListKind.STAFF: "Nom et prénom.",
}
_UNUSED: Final = "-"
_ONCE: Final = frozenset(ListColumn) - SEVERAL


class DepositForm(forms.Form):
    """One file for each population; one at least."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in _ORDER:
            self.fields[kind.value] = forms.FileField(
                label=kind.label,
                required=False,
                help_text=_HINTS[kind],
                widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
                error_messages={"empty": "Ce fichier est vide."},
            )

    @property
    def files_by_kind(self) -> dict[ListKind, UploadedFile[Any]]:
        """The files of a valid form."""
        found = {kind: self.cleaned_data.get(kind.value) for kind in _ORDER}
        return {kind: file for kind, file in found.items() if file is not None}

    def clean(self) -> dict[str, Any] | None:
        """Refuse a form without any file, or with more than a page takes."""
        cleaned = super().clean()
        files = self.files_by_kind.values()
        if not files and not self.errors:
            raise forms.ValidationError("Choisissez au moins une liste exportée de Pronote.")
        most = settings.FORM_FILES_MOST_BYTES
        if sum(file.size or 0 for file in files) > most:
            raise forms.ValidationError(
                f"Plus de {size_words(most)} en tout\u00a0: déposez-les une à une."
            )
        return cleaned


class ColumnsForm(forms.Form):
    """What each column of a list holds."""

    def __init__(self, *args: Any, source: DryRunList, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(_UNUSED, "Sans usage ici"), *_columns_of(ListKind(source.kind))]
        self._names = []
        for number, title in enumerate(source.header):
            samples = source.samples[number] if number < len(source.samples) else []
            name = f"colonne_{number}"
            self._names.append(name)
            self.fields[name] = forms.ChoiceField(
                label=title or f"Colonne {column_words(number)}, sans titre",
                choices=choices,
                initial=source.columns[number] or _UNUSED,
                help_text=f"Par exemple\u00a0: {', '.join(samples)}" if samples else "",
            )

    @property
    def columns(self) -> tuple[ListColumn | None, ...]:
        """What a valid form says, column by column."""
        values = (self.cleaned_data[name] for name in self._names)
        return tuple(None if value == _UNUSED else ListColumn(value) for value in values)

    def clean(self) -> dict[str, Any] | None:
        """Refuse columns that name nobody, and two columns for what stands in one."""
        cleaned = super().clean()
        if self.errors:
            return cleaned
        chosen = [column for column in self.columns if column is not None]
        for column in chosen:
            if column in _ONCE and chosen.count(column) > 1:
                raise forms.ValidationError(
                    f"«\u00a0{column.label}\u00a0» est choisi pour deux colonnes."
                )
        if not has_names(self.columns):
            raise forms.ValidationError(
                "Choisissez la colonne du nom et celle du prénom, ou celle qui contient les deux."
            )
        return cleaned


class LinesForm(forms.Form):
    """Which lines of a dry run are shown."""

    population = forms.ChoiceField(
        label="Population", required=False, choices=[("", "Toutes"), *ListKind.choices]
    )
    situation = forms.ChoiceField(label="Situation", required=False, choices=Situation.choices)
    q = forms.CharField(
        label="Nom ou classe",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    @property
    def kind(self) -> ListKind | None:
        """The population, None for all of them."""
        value = self._value("population")
        return ListKind(value) if value else None

    @property
    def chosen(self) -> Situation:
        """The situation; at first, whoever waits for a hand."""
        return Situation(self._value("situation") or Situation.OPEN)

    @property
    def typed(self) -> str:
        """The words to look for."""
        return self._value("q")

    def _value(self, name: str) -> str:
        """Return a value of the address, nothing for one that makes no sense."""
        self.full_clean()
        return str(self.cleaned_data.get(name) or "")


def _columns_of(kind: ListKind) -> list[tuple[str, str]]:
    relatives = RELATIVES.get(kind)
    own = (relatives.whole, relatives.family, relatives.given) if relatives else ()
    hidden = SEVERAL.difference(own)
    if kind != ListKind.PUPILS:
        hidden |= {ListColumn.CLASS_NAME}
    return [(column.value, str(column.label)) for column in ListColumn if column not in hidden]
