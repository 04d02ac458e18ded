"""Forms of what was forgotten."""

from __future__ import annotations

from django import forms

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


class LostLoginForm(forms.Form):
    """The address at which the school, or its owner, knows somebody."""

    courriel = forms.EmailField(
        label="Adresse électronique",
        max_length=254,
        widget=forms.EmailInput(attrs={**_PLAIN, "autocomplete": "email"}),
        error_messages={
            "required": "Indiquez votre adresse électronique.",
            "invalid": "Écrivez l’adresse comme nom@exemple.fr.",
        },
        help_text="Celle que vous avez donnée à l’établissement, ou choisie dans l’ENT.",
    )
