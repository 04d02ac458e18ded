"""« Identité transmise »: the contract of a service."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from sso.catalogue.models import ATTRIBUTE_NAME, Service
from sso.enums import AttributeFormat, AttributeSource
from sso.release.contract_changes import PORTAL_SOURCES, sources_of
from sso.release.rules import is_reserved

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

    def __init__(self, *args: Any, sources: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user_attribute"] = forms.ChoiceField(
            label=self.fields["user_attribute"].label,
            help_text=self.fields["user_attribute"].help_text,
            choices=sources,
        )


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

    def __init__(self, *args: Any, sources: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"] = forms.ChoiceField(label="Donnée", choices=sources)
        self.fields["format"] = forms.ChoiceField(label="Écriture", choices=AttributeFormat.choices)

    def clean_name(self) -> str:
        """The protocol writes it as an XML element."""
        name: str = self.cleaned_data["name"]
        if name and not re.match(ATTRIBUTE_NAME, name):
            raise forms.ValidationError(
                "Lettres sans accent, chiffres, point, tiret\u00a0; pas de chiffre au début."
            )
        if is_reserved(name):
            raise forms.ValidationError(
                f"«\u00a0{name}\u00a0» est réservé au protocole\u00a0: choisissez un autre nom."
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


def sources_for(service: Service, *, is_whole_portal: bool) -> list[tuple[str, str]]:
    """What a contract may name; a school's administrator adds nothing that joins services up."""
    kept = sources_of(service)
    return [
        (source.value, source.label)
        for source in AttributeSource
        if is_whole_portal or source not in PORTAL_SOURCES or source.value in kept
    ]


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
