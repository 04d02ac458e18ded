"""The forms of the page, in its two variants, and those where a key is asked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import TextChoices

from guichet.authority.models import Guichet
from guichet.enums import PageVariant
from guichet.keys.passcodes import LONGEST_PASSCODE
from guichet.sign_in.attempts import Asked
from signin.passwords.hashing import LONGEST_PASSWORD

_PLAIN = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}
_FIGURES = {**_PLAIN, "autocomplete": "off", "inputmode": "numeric", "class": "code-input"}
LONGEST_LOGIN = 200


class Way(TextChoices):
    """« Authentification par »."""

    PASSWORD = "mot-de-passe", "Mot de passe"
    KEY = "cle-otp", "Clé de sécurité OTP"


def passcode_field(label: str, *, hint: str = "") -> forms.CharField:
    """Return a masked field with a keyboard of figures, which no browser fills in."""
    return forms.CharField(
        label=label,
        strip=False,
        max_length=LONGEST_PASSCODE,
        widget=forms.PasswordInput(attrs=_FIGURES),
        help_text=hint,
        error_messages={"required": "Tapez le code affiché par la clé."},
    )


class EnterForm(forms.Form):
    """« Identifiant », then what the variant asks for."""

    username = forms.CharField(
        label="Identifiant",
        max_length=LONGEST_LOGIN,
        widget=forms.TextInput(attrs={**_PLAIN, "autocomplete": "username"}),
        error_messages={"required": "Indiquez votre identifiant académique."},
    )
    use_required_attribute = False  # the way that is not chosen stands in the form, too
    password = forms.CharField(
        label="Mot de passe",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={**_PLAIN, "autocomplete": "current-password"}),
        error_messages={"required": "Indiquez votre mot de passe."},
    )
    methode = forms.ChoiceField(
        label="Authentification par", choices=Way.choices, required=False, initial=Way.PASSWORD
    )
    passcode = passcode_field("Passcode OTP (Code PIN + code de la clé)")

    def __init__(self, *args: Any, guichet: Guichet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_single = guichet.variant == PageVariant.SINGLE
        if self.is_single:
            field = self.fields["password"]
            field.label = "Mot de passe ou Passcode OTP"
            field.widget.attrs["autocomplete"] = "off"
            del self.fields["methode"], self.fields["passcode"]
        elif self.is_bound:
            self.fields["password" if self.asked == Asked.KEY else "passcode"].required = False

    @property
    def asked(self) -> Asked:
        """What the person says that they type."""
        if self.is_single:
            return Asked.EITHER
        return Asked.KEY if self.data.get("methode") == Way.KEY else Asked.PASSWORD

    @property
    def secret(self) -> str:
        """What was typed."""
        return str(self.cleaned_data["passcode" if self.asked == Asked.KEY else "password"])


class SecondCodeForm(forms.Form):
    """A second, later code of a key that is used for the first time."""

    code = passcode_field("Nouveau code affiché par la clé")


class PinForm(forms.Form):
    """A PIN, twice."""

    pin = passcode_field("Code PIN")
    confirmation = passcode_field("Confirmation", hint="Le même code PIN, une seconde fois.")

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        cleaned = super().clean() or {}
        first, second = cleaned.get("pin"), cleaned.get("confirmation")
        if first and second and first != second:
            self.add_error("confirmation", "Les deux codes PIN sont différents.")
        return cleaned


class PasscodeForm(forms.Form):
    """The key, asked of somebody who is signed in."""

    passcode = passcode_field("Passcode OTP (Code PIN + code de la clé)")


class PasswordForm(forms.Form):
    """The password, asked again."""

    password = forms.CharField(
        label="Mot de passe",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={**_PLAIN, "autocomplete": "current-password"}),
        error_messages={"required": "Indiquez votre mot de passe."},
    )
