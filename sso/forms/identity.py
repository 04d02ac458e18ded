"""« Identité transmise »: the contract of a service."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from sso.enums import AttributeFormat, AttributeSource
from sso.models import Service
from sso.models.services import ATTRIBUTE_NAME

MOST_ATTRIBUTES = 20


class ContractForm(forms.ModelForm[Service]):
    """What `cas:user` holds, and the words of profiles."""

    class Meta:
        model = Service
        fields = ("user_attribute", "profile_vocabulary", "releases_over_http")
        labels = {
            "user_attribute": "Identité transmise (cas:user)",
            "profile_vocabulary": "Mots du profil",
            "releases_over_http": "Transmettre aussi les attributs sans https",
        }
        help_texts = {
            "user_attribute": "Ce par quoi le service reconnaît la personne. La changer ensuite"
            " fait de chacun un inconnu.",
            "profile_vocabulary": "Sert à l’attribut «\u00a0Profil\u00a0».",
            "releases_over_http": "Une adresse en http ne reçoit sinon que l’identité.",
        }


class AttributeForm(forms.Form):
    """One line of the contract; an empty name is no line."""

    name = forms.CharField(
        label="Nom chez le service",
        max_length=80,
        required=False,
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    source = forms.ChoiceField(label="Donnée", choices=AttributeSource.choices, required=False)
    format = forms.ChoiceField(label="Écriture", choices=AttributeFormat.choices, required=False)

    def clean_name(self) -> str:
        """The protocol writes it as an XML element."""
        name: str = self.cleaned_data["name"]
        if name and not re.match(ATTRIBUTE_NAME, name):
            raise forms.ValidationError(
                "Lettres sans accent, chiffres, point, tiret\u00a0; pas de chiffre au début."
            )
        return name

    def clean(self) -> dict[str, Any]:
        """A birth date is written as a date, the others are not."""
        data = super().clean() or {}
        dates = {AttributeFormat.ISO_DATE, AttributeFormat.FRENCH_DATE}
        if (
            data.get("name")
            and data.get("format") in dates
            and data.get("source") != AttributeSource.BIRTH_DATE
        ):
            self.add_error("format", "Cette écriture est celle d’une date.")
        return data


class _Attributes(forms.BaseFormSet[AttributeForm]):
    def clean(self) -> None:
        """Each name once."""
        names = [form.cleaned_data.get("name", "") for form in self.forms if form.is_valid()]
        named = [name for name in names if name]
        if len(named) != len(set(named)):
            raise forms.ValidationError("Deux attributs portent le même nom.")

    @property
    def lines(self) -> list[dict[str, str]]:
        """The lines that have a name, in order."""
        return [form.cleaned_data for form in self.forms if form.cleaned_data.get("name")]


AttributeFormSet = forms.formset_factory(
    AttributeForm,
    formset=_Attributes,
    extra=2,
    max_num=MOST_ATTRIBUTES,
    validate_max=True,
)
