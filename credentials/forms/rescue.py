"""Forms of rescues."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.enums import AccountState
from credentials.selection import Choice
from directory.enums import Profile
from directory.models import Group


class LoginForm(forms.Form):
    """« Modifier le login »."""

    identifiant = forms.CharField(
        label="Nouvel identifiant",
        max_length=70,
        help_text="Lettres sans accent, chiffres, points et tirets. L’ancien identifiant ne sera "
        "donné à personne d’autre.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": "Écrivez le nouvel identifiant."},
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
        help_text="Pour confirmer, recopiez le nombre affiché.",
        error_messages={"invalid": "Recopiez le nombre en chiffres."},
    )

    def choice(self, group: Group) -> Choice:
        """Everybody of these profiles in the class who has a local account."""
        return Choice(
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

    @staticmethod
    def initial_data() -> dict[str, Any]:
        """What is ticked when the page opens."""
        return {"profils": [Profile.PUPIL.value]}
