"""Choosing whose credentials: the form shared by slips, letters and mailings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone

from accounts.enums import AccountState
from credentials.choice.population import LOCAL_PROFILES, PopulationChoice
from credentials.enums import EmailPresence
from directory.enums import GroupKind, Profile
from directory.models import Group, School
from directory.rights.actors import Actor
from directory.rights.acts import Act
from directory.rights.walls import visible_groups, visible_schools

PROFILE_PLURALS = {
    Profile.PUPIL: "Élèves",
    Profile.GUARDIAN: "Parents",
    Profile.GUEST: "Invités",
    Profile.LOCAL_AUTHORITY: "Personnels de collectivité",
}
_STATES = (
    (AccountState.PENDING.value, "Non activés"),
    (AccountState.ACTIVE.value, "Déjà activés (la fiche rappelle l’identifiant, sans code)"),
)
_NO_CLASS = "Cochez au moins une classe."
_WHOLE_SCHOOL = "Aucune case cochée\u00a0: toutes les classes."


class SelectionForm(forms.Form):
    """Profiles, classes, states and the rest; what is not the actor's is no choice (T-F3)."""

    profils = forms.MultipleChoiceField(
        label="Pour qui",
        choices=[(profile.value, PROFILE_PLURALS[profile]) for profile in LOCAL_PROFILES],
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": "Cochez au moins un profil."},
    )
    classes = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        to_field_name="uuid",
        label="Classes",
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"invalid_choice": "Choisissez seulement des classes de la liste."},
    )
    groupes = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        to_field_name="uuid",
        label="Groupes",
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"invalid_choice": "Choisissez seulement des groupes de la liste."},
    )
    etats = forms.MultipleChoiceField(
        label="Comptes",
        choices=_STATES,
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": "Cochez au moins un état."},
    )
    adresse = forms.ChoiceField(
        label="Adresse électronique", choices=EmailPresence.choices, required=False
    )
    depuis = forms.DateField(
        label="Comptes créés depuis",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        error_messages={"invalid": "Écrivez la date comme 01/09/2026."},
    )
    pas_remis = forms.BooleanField(
        label="Seulement les codes pas encore remis",
        help_text="Ni imprimés sur une fiche, ni envoyés par courriel.",
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        actor: Actor,
        school: School,
        act: Act,
        persons: tuple[UUID, ...] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._school = school
        self._persons = persons
        groups = visible_groups(actor, act).filter(school=school, is_present=True)
        self._is_whole = visible_schools(actor, act).filter(pk=school.pk).exists()
        for name, kind in (("classes", GroupKind.CLASS), ("groupes", GroupKind.GROUP)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101
            field.queryset = groups.filter(kind=kind).order_by("sort_key", "code", "pk")
            if persons or not field.queryset.exists():
                del self.fields[name]
        if "classes" in self.fields and self._is_whole:
            self.fields["classes"].help_text = _WHOLE_SCHOOL
        elif "classes" in self.fields and "groupes" not in self.fields:
            self.fields["classes"].required = True
            self.fields["classes"].error_messages["required"] = _NO_CLASS
        if persons:
            del self.fields["profils"]

    def clean_depuis(self) -> Any:
        """Refuse a day to come: nobody would be chosen."""
        day = self.cleaned_data["depuis"]
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError("Cette date n’est pas encore passée.")
        return day

    def clean(self) -> dict[str, Any]:
        """A form teacher chooses among their classes: none is not all of the school."""
        cleaned = super().clean() or self.cleaned_data
        if not self._is_whole and not self._persons and not self._groups():
            field = "classes" if "classes" in self.fields else None
            if field not in self.errors:
                self.add_error(field, _NO_CLASS)
        return cleaned

    def own_classes(self) -> list[str]:
        """The classes of somebody who may not choose the whole school: ticked when it opens."""
        if self._is_whole or "classes" not in self.fields:
            return []
        field = self.fields["classes"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101
        return [str(group.uuid) for group in field.queryset or ()]

    def choice(self) -> PopulationChoice:
        """What a valid form says."""
        data = self.cleaned_data
        return PopulationChoice(
            school_id=self._school.pk,
            profiles=tuple(Profile(value) for value in data.get("profils", [])),
            groups=tuple(group.uuid for group in self._groups()),
            states=tuple(AccountState(value) for value in data["etats"]),
            email=EmailPresence(data["adresse"]),
            created_since=data["depuis"],
            is_only_not_handed_over=data["pas_remis"],
            persons=self._persons,
        )

    def words(self) -> str:
        """Say the choice in a line, for the list of what was made."""
        if self._persons:
            count = len(self._persons)
            return f"{count} personnes choisies une à une" if count > 1 else "Une personne choisie"
        who = ", ".join(PROFILE_PLURALS[Profile(value)] for value in self.cleaned_data["profils"])
        groups = [group.code for group in self._groups()]
        where = f" de {', '.join(groups)}" if groups else ", toutes les classes"
        more = ", pas encore remis" if self.cleaned_data["pas_remis"] else ""
        return f"{who}{where}{more}"[:200]

    def _groups(self) -> list[Group]:
        data = self.cleaned_data
        return [*data.get("classes", []), *data.get("groupes", [])]


def default_selection() -> dict[str, Any]:
    """What is ticked when the page opens: pupils and parents who have not signed in yet."""
    return {
        "profils": [Profile.PUPIL.value, Profile.GUARDIAN.value],
        "etats": [AccountState.PENDING.value],
    }
