"""Forms of an instance: where Pronote is, whom it serves, what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from directory.models import School
from directory.models.schools import SchoolQuerySet
from ent.pages.names import calm_name
from pronote_bridge.enums import Extra, ListKind
from pronote_bridge.instances.addresses import read_pronote_address
from pronote_bridge.instances.models import Instance, every_list
from pronote_bridge.instances.services import InstanceSettings
from pronote_bridge.instances.takeover import Candidate
from sso.catalogue.addresses import Address
from sso.models import Service

_MOST_BOXES: Final = 12
NEW_SERVICE: Final = "nouveau"


class SchoolsForm(forms.Form):
    """Which schools share one Pronote; boxes while they are few, UAI codes typed otherwise."""

    etablissements = forms.CharField(
        label="Établissements",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="Une UAI par ligne. La première est celle du fichier.",
        error_messages={"required": "Indiquez au moins un établissement."},
    )

    def __init__(self, *args: Any, schools: SchoolQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._schools = schools
        few = list(schools.in_name_order()[: _MOST_BOXES + 1])
        self.is_typed = len(few) > _MOST_BOXES
        self.chosen: list[School] = []
        if self.is_typed:
            return
        self.fields["etablissements"] = forms.MultipleChoiceField(
            label="Établissements",
            choices=[(one.uai, f"{calm_name(one.name)} ({one.uai})") for one in few],
            widget=forms.CheckboxSelectMultiple,
            help_text="Plusieurs seulement s’ils partagent la même base Pronote.",
            error_messages={"required": "Choisissez au moins un établissement."},
        )
        if len(few) == 1 and not self.is_bound:
            self.initial.setdefault("etablissements", [few[0].uai])

    def clean_etablissements(self) -> Any:
        """Find every school among those of the actor; another one is like none."""
        typed: Any = self.cleaned_data["etablissements"]
        codes = typed.upper().split() if isinstance(typed, str) else list(typed)
        found = {school.uai: school for school in self._schools.filter(uai__in=codes)}
        if missing := [code for code in codes if code not in found]:
            raise forms.ValidationError(
                f"Aucun de vos établissements n’a l’UAI {missing[0][:20]}\u00a0: vérifiez-la."
            )
        self.chosen = [found[code] for code in dict.fromkeys(codes)]
        return typed

    @staticmethod
    def initial_of(schools: Sequence[School], *, is_typed: bool) -> Any:
        """What the field shows for these schools."""
        codes = [school.uai for school in schools]
        return "\n".join(codes) if is_typed else codes


class TakeoverForm(forms.Form):
    """Which service goes on: asked once it is known that there is a choice."""

    service = forms.ChoiceField(label="Identifiants de Pronote", widget=forms.RadioSelect)

    def __init__(
        self, *args: Any, candidates: Sequence[Candidate], has_new: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._services = {str(one.service.uuid): one.service for one in candidates}
        choices = [(str(one.service.uuid), _words_of(one)) for one in candidates]
        if has_new:
            choices.append((NEW_SERVICE, "Aucun\u00a0: enregistrer un nouveau service"))
        field = self.fields["service"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = choices
        field.error_messages["required"] = "Dites quels identifiants Pronote connaît."
        self.initial.setdefault("service", choices[0][0])

    @property
    def chosen(self) -> Service | None:
        """The service of a valid form, None for a new one."""
        return self._services.get(self.cleaned_data["service"])


class SettingsForm(forms.Form):
    """What an instance is called, where it is and what its file says."""

    nom = forms.CharField(
        label="Nom de l’instance",
        max_length=80,
        help_text="Pour vous y retrouver, par exemple le nom de l’établissement.",
    )
    adresse = forms.CharField(
        label="Adresse de Pronote",
        max_length=300,
        help_text="Celle du navigateur, comme https://0123456a.index-education.net/pronote/.",
        widget=forms.URLInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": "Indiquez l’adresse de Pronote\u00a0: sans elle, pas d’accès."},
    )
    listes = forms.MultipleChoiceField(
        label="Listes du fichier",
        choices=ListKind.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins une liste."},
    )
    donnees = forms.MultipleChoiceField(
        label="Données en plus",
        required=False,
        choices=Extra.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Le rapprochement n’en a pas besoin\u00a0: cochez seulement ce qui vous est "
        "demandé.",
    )
    deconnexion = forms.BooleanField(
        label="Prévenir Pronote à la déconnexion",
        required=False,
        help_text="On ne sait pas si Pronote en tient compte.",
    )

    def __init__(self, *args: Any, instance: Instance | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._address: Address | None = None
        if instance is None:
            self.initial.setdefault("listes", every_list())
            return
        self.initial = {
            "nom": instance.name,
            "adresse": f"{instance.address}/",
            "listes": instance.includes,
            "donnees": instance.extras,
            "deconnexion": instance.is_sign_out_notified,
        }

    def clean_adresse(self) -> str:
        """Keep the root of Pronote, whichever page of it was copied."""
        typed: str = self.cleaned_data["adresse"]
        self._address = read_pronote_address(typed)
        return typed

    def clean_listes(self) -> list[str]:
        """Guardians are found through pupils: without these, they would refer to nobody."""
        chosen: list[str] = self.cleaned_data["listes"]
        if ListKind.GUARDIANS in chosen and ListKind.PUPILS not in chosen:
            raise forms.ValidationError(
                "Les responsables se rapprochent par leurs enfants\u00a0: ajoutez les élèves."
            )
        return chosen

    @property
    def settings(self) -> InstanceSettings:
        """The settings of a valid form."""
        assert self._address is not None  # noqa: S101 - cleaned
        return InstanceSettings(
            name=self.cleaned_data["nom"],
            address=self._address,
            includes=self.cleaned_data["listes"],
            extras=self.cleaned_data["donnees"],
            is_sign_out_notified=self.cleaned_data["deconnexion"],
        )


class AddForm(SchoolsForm, SettingsForm):
    """A new instance."""

    field_order = ("etablissements", "nom", "adresse", "listes", "donnees", "deconnexion")


def _words_of(candidate: Candidate) -> str:
    service, known = candidate.service, candidate.known
    place = f", {service.home_url}" if service.home_url else ""
    people = (
        f"{known} personne{'s' if known > 1 else ''} y ont"
        if known > 1
        else ("une personne y a" if known else "personne n’y a encore")
    )
    return f"{service.name} ({service.code}{place})\u00a0: {people} un identifiant"
