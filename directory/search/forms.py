"""What may be asked of « Rechercher un utilisateur »."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef

from directory.enums import AccessState, GroupKind, Profile
from directory.models.groups import Group, Subject, Teaching
from directory.models.schools import School
from directory.rights.actors import Actor
from directory.rights.walls import visible_groups, visible_schools
from ent.pages.labels import calm_label
from ent.pages.names import calm_name
from ent.text.folding import fold

#: Up to here the schools are boxes to tick; beyond, they are typed.
MOST_BOXES = 40
#: Up to here the classes are chosen from a list; beyond, their code is typed.
MOST_CLASSES = 150
NO_ACCOUNT = "sans-compte"
LEAVING = "en-depart"

STATES = [
    ("", "Tous"),
    (AccessState.PENDING.value, "Non activé"),
    (AccessState.ACTIVE.value, "Activé"),
    (AccessState.BLOCKED.value, "Bloqué"),
    (LEAVING, "En départ"),
    (NO_ACCOUNT, "Sans compte"),
]
_NO_LONGER = (
    "«\u00a0%(value)s\u00a0» n’est pas, ou n’est plus, dans la liste\u00a0: choisissez à nouveau."
)
_NO_GROUP = "Ce groupe n’existe pas."


@dataclass(frozen=True, slots=True)
class Criteria:
    """A search, cleaned; empty values restrict nothing."""

    typed: str = ""
    family_name: str = ""
    given_name: str = ""
    profile: str = ""
    state: str = ""
    class_code: str = ""
    subject: str = ""
    group: Group | None = None
    schools: tuple[School, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Does it restrict nothing?"""
        return self == Criteria()


class SearchForm(forms.Form):
    """« Recherche simple » et « recherche avancée » : by GET, so a search can be kept and sent."""

    q = forms.CharField(
        label="Nom, prénom",
        required=False,
        max_length=20_000,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "autofocus": True}),
    )
    nom = forms.CharField(label="Nom", required=False, max_length=20_000)
    prenom = forms.CharField(label="Prénom", required=False, max_length=20_000)
    profil = forms.ChoiceField(
        label="Profil", required=False, choices=[("", "Tous"), *Profile.choices]
    )
    etat = forms.ChoiceField(label="État du compte", required=False, choices=STATES)
    classe = forms.CharField(label="Classe", required=False, max_length=40)
    matiere = forms.ChoiceField(label="Matière enseignée", required=False)
    groupe = forms.UUIDField(
        required=False, widget=forms.HiddenInput, error_messages={"invalid": _NO_GROUP}
    )

    def __init__(self, data: Any, *, actor: Actor, is_advanced: bool) -> None:
        super().__init__(data)
        self.actor = actor
        self.is_advanced = is_advanced
        self.group: Group | None = None
        for name in ("nom", "prenom", "classe"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        if is_advanced:
            del self.fields["q"]
            self._ask_for_schools()
            self._ask_for_class()
            self._ask_for_subject()
        for asked in self.fields.values():
            if isinstance(asked, forms.ChoiceField):  # a kept search, of last year's classes
                asked.error_messages["invalid_choice"] = _NO_LONGER

    def _ask_for_schools(self) -> None:
        schools = visible_schools(self.actor).active().in_name_order()
        names = [(school.uai, calm_name(school.name)) for school in schools[: MOST_BOXES + 1]]
        if len(names) < 2:
            return
        if len(names) <= MOST_BOXES:
            self.fields["etablissement"] = forms.MultipleChoiceField(
                label="Établissement(s)",
                required=False,
                choices=names,
                widget=forms.CheckboxSelectMultiple,
            )
        else:
            self.fields["etablissement"] = forms.CharField(
                label="Établissement(s)",
                required=False,
                max_length=2_000,
                help_text="Nom, commune ou UAI ; séparez plusieurs établissements par une virgule.",
            )

    def _ask_for_class(self) -> None:
        classes = visible_groups(self.actor).filter(kind=GroupKind.CLASS, is_present=True)
        codes = list(
            classes.order_by("sort_key", "code").values_list("code", flat=True)[: MOST_CLASSES + 1]
        )
        if len(codes) <= MOST_CLASSES:
            self.fields["classe"] = forms.ChoiceField(
                label="Classe",
                required=False,
                choices=[("", "Toutes"), *((code, code) for code in dict.fromkeys(codes))],
            )

    def _ask_for_subject(self) -> None:
        taught = Teaching.objects.filter(
            subject=OuterRef("pk"), group__in=visible_groups(self.actor)
        )
        labels = (
            Subject.objects.filter(Exists(taught))
            .exclude(label="")
            .order_by()
            .values_list("label", flat=True)
            .distinct()
        )
        shown = [(label, calm_label(label)) for label in sorted(labels, key=fold)]
        self.fields["matiere"] = forms.ChoiceField(
            label="Matière enseignée", required=False, choices=[("", "Toutes"), *shown]
        )

    def clean_groupe(self) -> Group | None:
        """A group that the actor may not see is no group."""
        identifier = self.cleaned_data.get("groupe")
        if identifier is None:
            return None
        self.group = (
            visible_groups(self.actor).select_related("school").filter(uuid=identifier).first()
        )
        if self.group is None:
            raise forms.ValidationError(_NO_GROUP)
        return self.group

    def clean_etablissement(self) -> tuple[School, ...]:
        """Schools, named by ticked boxes or by typed words; a word that names none is an error."""
        asked = self.cleaned_data.get("etablissement") or []
        visible = visible_schools(self.actor).active()
        if not isinstance(asked, str):
            return tuple(visible.filter(uai__in=asked))
        found: list[School] = []
        for words in (part.strip() for part in asked.split(",") if part.strip()):
            schools = list(visible.matching(words)[:MOST_BOXES]) if fold(words) else []
            if not schools:
                raise forms.ValidationError(f"Aucun établissement ne répond à « {words[:60]} ».")
            found.extend(schools)
        return tuple(found)

    def criteria(self) -> Criteria:
        """Return the cleaned search; call it on a valid form."""
        data = self.cleaned_data
        return Criteria(
            typed=data.get("q") or "",
            family_name=data.get("nom") or "",
            given_name=data.get("prenom") or "",
            profile=data.get("profil") or "",
            state=data.get("etat") or "",
            class_code=data.get("classe") or "",
            subject=data.get("matiere") or "",
            group=data.get("groupe"),
            schools=data.get("etablissement") or (),
        )
