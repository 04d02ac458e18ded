"""The form of a door whose secret another server knows."""

from __future__ import annotations

from django import forms

from accounts.sign_in.typed import LONGEST_LOGIN
from signin.passwords.hashing import LONGEST_PASSWORD

_AS_TYPED = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class SecretForm(forms.Form):
    """What somebody types to be known by another server."""

    username = forms.CharField(
        label="Identifiant",
        max_length=LONGEST_LOGIN,
        widget=forms.TextInput(attrs={**_AS_TYPED, "autocomplete": "username"}),
        error_messages={"required": "Indiquez votre identifiant."},
    )
    password = forms.CharField(
        label="Mot de passe",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={**_AS_TYPED, "autocomplete": "current-password"}),
        error_messages={"required": "Indiquez votre mot de passe."},
    )
