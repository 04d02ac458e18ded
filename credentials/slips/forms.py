"""The form of slips and letters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms

from credentials.choice.forms import SelectionForm
from credentials.choice.population import PopulationChoice
from credentials.enums import SlipLayout
from directory.enums import Profile
from directory.models import Person, School
from directory.models.persons import NURSERY_LEVELS


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

    maternelle = forms.BooleanField(
        label="Aussi les élèves de maternelle",
        help_text="Sinon leurs parents seuls reçoivent une fiche.",
        required=False,
    )

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, school=school, **kwargs)
        if self._persons or not _has_nursery(school):
            del self.fields["maternelle"]

    def choice(self) -> PopulationChoice:
        """What a valid form says: a letter goes to people who can be written to, unless asked.

        Pupils of nursery classes get no code, unless asked.
        """
        is_posted = self.layout == SlipLayout.LETTER and not self.cleaned_data["sans_adresse"]
        return replace(
            super().choice(),
            is_only_with_postal_address=is_posted,
            is_without_nursery=not self.cleaned_data.get("maternelle", True),
        )

    @property
    def layout(self) -> SlipLayout:
        """How the sheets of a valid form are cut."""
        return SlipLayout(self.cleaned_data["format"])

    @staticmethod
    def defaults() -> dict[str, Any]:
        """What is chosen when the page opens."""
        return {"format": SlipLayout.EIGHT.value}


def _has_nursery(school: School) -> bool:
    """Are there pupils of nursery levels?"""
    pupils = Person.objects.in_schools([school.pk]).filter(profile=Profile.PUPIL)
    return pupils.filter(level__in=NURSERY_LEVELS, left_at__isnull=True).exists()
