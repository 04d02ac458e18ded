"""Forms of signing in and of one's own account."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.choice import Choice
from accounts.enums import AccountState, Audience
from accounts.models import Account
from accounts.password_rules import PasswordRules
from accounts.services import secrets

_PASSWORD = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class MireForm(forms.Form):
    """Who somebody is, by which door they come in, and whether this browser remembers it.

    The page draws the fields itself (doors stand inside their profile); the form judges them.
    """

    REMEMBER: ClassVar = [("non", "Non"), ("oui", "Oui")]

    profil = forms.ChoiceField(
        label="Vous êtes",
        choices=Audience.choices,
        error_messages={
            "required": "Choisissez qui vous êtes\u00a0: élève ou parent, enseignant…",
            "invalid_choice": "Choisissez l’un des quatre profils.",
        },
    )
    memoriser = forms.ChoiceField(choices=REMEMBER, required=False, initial="non")

    def clean(self) -> dict[str, Any]:
        """Find the door that was chosen under the chosen profile."""
        cleaned = super().clean() or {}
        audience = cleaned.get("profil")
        if audience:
            code = str(self.data.get(f"guichet-{audience}", ""))
            cleaned["choice"] = Choice.between(audience, code)
            if cleaned["choice"] is None:
                self.add_error(
                    None, "Choisissez votre guichet, par exemple celui de votre académie."
                )
        return cleaned


class DoorForm(forms.Form):
    """What a local door asks. Too long is refused before anything is hashed (T-A10)."""

    username = forms.CharField(
        label="Identifiant",
        max_length=200,
        widget=forms.TextInput(
            attrs={**_PASSWORD, "autocomplete": "username", "inputmode": "email"}
        ),
        error_messages={"required": "Indiquez votre identifiant."},
    )
    password = forms.CharField(
        label="Mot de passe",
        strip=False,
        max_length=secrets.LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={**_PASSWORD, "autocomplete": "current-password"}),
        error_messages={"required": "Indiquez votre mot de passe."},
        help_text="À la première connexion, le code que votre établissement vous a remis.",
    )


class NewPasswordForm(forms.Form):
    """A new password, twice."""

    new_password = forms.CharField(
        label="Nouveau mot de passe",
        strip=False,
        widget=forms.PasswordInput(attrs={**_PASSWORD, "autocomplete": "new-password"}),
        error_messages={"required": "Choisissez un mot de passe."},
    )
    confirmation = forms.CharField(
        label="Confirmation",
        strip=False,
        widget=forms.PasswordInput(attrs={**_PASSWORD, "autocomplete": "new-password"}),
        error_messages={"required": "Retapez le mot de passe."},
        help_text="Le même mot de passe, une seconde fois.",
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.rules = PasswordRules.of(account)
        self.fields["new_password"].help_text = _rules_as_list(self.rules.sentences())

    def clean_new_password(self) -> str:
        """Refuse with every reason at once."""
        password = str(self.cleaned_data["new_password"])
        if faults := self.rules.faults(password, self.account):
            raise forms.ValidationError(faults)
        return secrets.normalise_password(password)

    def clean(self) -> dict[str, Any]:
        """Both must be the same, however the keyboard composes accents, and not the present one.

        The present one is looked at last, when nothing else stands against the new one: who guesses
        has changed it with the first wrong guess, and cannot guess again.
        """
        cleaned = super().clean() or {}
        first, second = cleaned.get("new_password"), cleaned.get("confirmation")
        if first and second and first != secrets.normalise_password(second):
            self.add_error("confirmation", "Les deux mots de passe sont différents.")
        if not self.errors and self.is_current(cleaned):
            self.add_error("new_password", "Choisissez un mot de passe différent de l’actuel.")
        return cleaned

    def is_current(self, cleaned: dict[str, Any]) -> bool:
        """Is the new password the account's present one? It costs a hash."""
        return self.account.state == AccountState.ACTIVE and secrets.is_current_password(
            self.account, cleaned["new_password"]
        )


class PasswordConfirmationForm(forms.Form):
    """The password of a signed-in person, once more."""

    password = forms.CharField(
        label="Mot de passe actuel",
        strip=False,
        max_length=secrets.LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={**_PASSWORD, "autocomplete": "current-password"}),
        error_messages={"required": "Indiquez votre mot de passe actuel."},
    )


class CodeForm(forms.Form):
    """A code of the application, or a recovery code when the device is not there."""

    code = forms.CharField(
        label="Code à 6 chiffres",
        max_length=20,
        widget=forms.TextInput(
            attrs={
                **_PASSWORD,
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "class": "code-input",
            }
        ),
        error_messages={"required": "Indiquez le code que votre application affiche."},
        help_text="Celui que votre application d’authentification affiche en ce moment.",
    )
    recovery = forms.CharField(
        label="Code de secours",
        max_length=40,
        widget=forms.TextInput(attrs={**_PASSWORD, "autocomplete": "off", "class": "code-input"}),
        help_text="L’un des dix codes que vous avez notés. Chacun sert une fois.",
    )

    def full_clean(self) -> None:
        """One of the two is enough: the recovery code when something stands there."""
        other = "code" if str(self.data.get("recovery", "")).strip() else "recovery"
        self.fields[other].required = False
        super().full_clean()
        self.fields[other].required = True

    def typed(self) -> tuple[str, str]:
        """Return the name of the field that was filled, and what stands in it."""
        name = "code" if self.cleaned_data.get("code") else "recovery"
        return name, str(self.cleaned_data.get(name, ""))


class EnrolForm(forms.Form):
    """The first code of a new application."""

    code = forms.CharField(
        label="Code à 6 chiffres",
        max_length=20,
        widget=forms.TextInput(
            attrs={
                **_PASSWORD,
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "class": "code-input",
            }
        ),
        error_messages={"required": "Indiquez le code que votre application affiche."},
        help_text="Celui que l’application affiche pour Préau.",
    )


class ChangePasswordForm(NewPasswordForm):
    """The current password, then the new one twice."""

    current_password = forms.CharField(
        label="Mot de passe actuel",
        strip=False,
        max_length=secrets.LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={**_PASSWORD, "autocomplete": "current-password"}),
        error_messages={"required": "Indiquez votre mot de passe actuel."},
    )
    field_order = ["current_password", "new_password", "confirmation"]

    def is_current(self, cleaned: dict[str, Any]) -> bool:
        """By what was typed beside it, whether that is right or not: it tells nobody anything."""
        typed = secrets.normalise_password(cleaned["current_password"])
        return bool(cleaned["new_password"] == typed)


class TermsForm(forms.Form):
    """« J’ai lu et j’accepte »."""

    accepted = forms.BooleanField(
        label="J’ai lu et j’accepte ces conditions.",
        error_messages={"required": "Cochez la case pour continuer."},
    )


def _rules_as_list(sentences: list[str]) -> SafeString:
    items = format_html_join("", "<li>{}</li>", ((sentence,) for sentence in sentences))
    return format_html("<ul>{}</ul>", items)
