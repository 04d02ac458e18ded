"""Forms of rescues."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone

from accounts.enums import AccountState
from credentials.choice.population import PopulationChoice
from directory.enums import Profile
from directory.models import Group

_OVERTAKEN: Final = (
    "Des mots de passe de cette classe viennent d’être régénérés, depuis l’affichage de la page. "
    "Rien n’a été changé\u00a0: demandez d’abord si les fiches sont déjà remises."
)


class LoginForm(forms.Form):
    """« Modifier le login »."""

    identifiant = forms.CharField(
        label="Nouvel identifiant",
        min_length=3,
        max_length=70,
        help_text="Lettres sans accent, chiffres, points et tirets. L’ancien identifiant ne sera "
        "donné à personne d’autre.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={
            "required": "Écrivez le nouvel identifiant.",
            "min_length": "Écrivez au moins trois caractères.",
        },
    )


class ClassRescueForm(forms.Form):
    """Whose passwords of the class, and the typed count that confirms."""

    profils = forms.MultipleChoiceField(
        label="Pour qui",
        choices=[(Profile.PUPIL.value, "Élèves"), (Profile.GUARDIAN.value, "Parents")],
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": "Cochez au moins un profil."},
    )
    nombre = forms.IntegerField(
        label="Nombre de mots de passe à remplacer",
        required=False,
        min_value=0,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text="Recopiez le nombre affiché.",
        error_messages={"invalid": "Recopiez le nombre en chiffres."},
    )

    vu = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not required while one only counts: the label says so instead of « facultatif ».
        self.fields["nombre"].condition = "pour confirmer"  # type: ignore[attr-defined]

    def choice(self, group: Group) -> PopulationChoice:
        """Everybody of these profiles in the class who has a local account."""
        return PopulationChoice(
            school_id=group.school_id,
            profiles=tuple(Profile(value) for value in self.cleaned_data["profils"]),
            groups=(group.uuid,),
            states=(AccountState.PENDING, AccountState.ACTIVE),
        )

    def confirms(self, expected: int) -> bool:
        """Was the number that is about to be replaced typed?"""
        if self.cleaned_data["nombre"] == expected:
            return True
        self.add_error("nombre", f"Le nombre est {expected}. Relisez, puis recopiez-le.")
        return False

    @property
    def seen_at(self) -> datetime | None:
        """When the page was shown that a valid form comes from."""
        seen: datetime | None = self.cleaned_data["vu"]
        return seen

    def tell_overtaken(self) -> None:
        """Say that a colleague was first, and show the page as of now."""
        self.add_error(None, _OVERTAKEN)
        data = cast("QueryDict", self.data).copy()
        data["vu"] = timezone.now().isoformat()
        self.data = data

    @staticmethod
    def initial_data() -> dict[str, Any]:
        """What is ticked when the page opens, and when that was."""
        return {"profils": [Profile.PUPIL.value], "vu": timezone.now().isoformat()}
