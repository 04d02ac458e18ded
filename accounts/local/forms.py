"""Forms of signing in and of one's own account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.account.models import Account
from accounts.enums import AccountState
from accounts.local.password_rules import rules_of
from accounts.local.secrets import is_current_password
from accounts.sign_in.typed import LONGEST_LOGIN
from signin.passwords.hashing import LONGEST_PASSWORD, normalise_password

_PASSWORD = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class SignInForm(forms.Form):
    """Login and password. A password that is too long is refused before it is hashed (T-A10)."""

    username = forms.CharField(
        label="Identifiant",
        max_length=LONGEST_LOGIN,
        widget=forms.TextInput(
            attrs={**_PASSWORD, "autocomplete": "username", "inputmode": "email"}
        ),
        error_messages={"required": "Indiquez votre identifiant."},
    )
    password = forms.CharField(
        label="Mot de passe",
        strip=False,
        max_length=LONGEST_PASSWORD,
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
        self.rules = rules_of(account)
        self.fields["new_password"].help_text = _rules_as_list(self.rules.sentences())

    def clean_new_password(self) -> str:
        """Refuse the password, with all the reasons."""
        password = str(self.cleaned_data["new_password"])
        if faults := self.rules.faults(password):
            raise forms.ValidationError(faults)
        return normalise_password(password)

    def clean(self) -> dict[str, Any]:
        """Both must be the same, however the keyboard composes accents, and not the present one.

        The present one is looked at last, when nothing else stands against the new one: who guesses
        has changed it with the first wrong guess, and cannot guess again.
        """
        cleaned = super().clean() or {}
        first, second = cleaned.get("new_password"), cleaned.get("confirmation")
        if first and second and first != normalise_password(second):
            self.add_error("confirmation", "Les deux mots de passe sont différents.")
        if not self.errors and self.is_current(cleaned):
            self.add_error("new_password", "Choisissez un mot de passe différent de l’actuel.")
        return cleaned

    def is_current(self, cleaned: dict[str, Any]) -> bool:
        """Is the new password the account's present one? It costs a hash."""
        return self.account.state == AccountState.ACTIVE and is_current_password(
            self.account, cleaned["new_password"]
        )


class PasswordConfirmationForm(forms.Form):
    """The password of a signed-in person, once more."""

    password = forms.CharField(
        label="Mot de passe actuel",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={**_PASSWORD, "autocomplete": "current-password"}),
        error_messages={"required": "Indiquez votre mot de passe actuel."},
    )


class ChangePasswordForm(NewPasswordForm):
    """The current password, then the new one twice."""

    current_password = forms.CharField(
        label="Mot de passe actuel",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={**_PASSWORD, "autocomplete": "current-password"}),
        error_messages={"required": "Indiquez votre mot de passe actuel."},
    )
    field_order = ["current_password", "new_password", "confirmation"]

    def is_current(self, cleaned: dict[str, Any]) -> bool:
        """Compare with the current password as it was typed, right or wrong: no hash, no hint."""
        typed = normalise_password(cleaned["current_password"])
        return bool(cleaned["new_password"] == typed)


def _rules_as_list(sentences: list[str]) -> SafeString:
    items = format_html_join("", "<li>{}</li>", ((sentence,) for sentence in sentences))
    return format_html("<ul>{}</ul>", items)
