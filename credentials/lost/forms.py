"""Forms of what was forgotten."""

from __future__ import annotations

from django import forms

from ent.text.typed import looks_like_address, without_gaps

_PLAIN = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class LostPasswordForm(forms.Form):
    """The box that says « I have read whom to ask », and the login."""

    lu = forms.BooleanField(
        label="J’ai lu ces indications, je veux recevoir un courriel.",
        error_messages={"required": "Lisez les indications, puis cochez la case."},
    )
    identifiant = forms.CharField(
        label="Identifiant",
        max_length=200,
        widget=forms.TextInput(attrs={**_PLAIN, "autocomplete": "username", "inputmode": "email"}),
        error_messages={"required": "Indiquez votre identifiant."},
        help_text="Par exemple prenom.nom, parfois suivi d’un nombre.",
    )

    def clean_identifiant(self) -> str:
        """Help whoever writes an address, by its form alone: nothing is looked up (T-A3)."""
        typed: str = self.cleaned_data["identifiant"]
        if looks_like_address(typed):
            raise forms.ValidationError(
                "Vous avez écrit une adresse électronique\u00a0: l’identifiant n’en est pas "
                "une. Si vous ne le connaissez pas, «\u00a0Identifiant oublié\u00a0», plus bas, "
                "vous l’envoie par courriel."
            )
        return typed


class AddressField(forms.EmailField):
    """An address, freed of what a page or a message brings along when one copies from it."""

    def to_python(self, value: object) -> str:
        """Take spaces and invisible characters off."""
        return without_gaps(str(super().to_python(value) or ""))


class LostLoginForm(forms.Form):
    """The address at which the school, or its owner, knows somebody."""

    courriel = AddressField(
        label="Adresse électronique",
        max_length=254,
        widget=forms.EmailInput(attrs={**_PLAIN, "autocomplete": "email"}),
        error_messages={
            "required": "Indiquez votre adresse électronique.",
            "invalid": "Écrivez l’adresse comme nom@exemple.fr.",
        },
        help_text="Celle que vous avez donnée à l’établissement, ou choisie dans l’ENT.",
    )
