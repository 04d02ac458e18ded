"""Choosing one's academic password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join

from guichet.agents.models import AcademicCredential
from guichet.passwords.services import rules_of
from signin.passwords.hashing import LONGEST_PASSWORD, normalise_password

_ATTRS = {
    "autocapitalize": "none",
    "autocorrect": "off",
    "spellcheck": "false",
    "autocomplete": "new-password",
}


class NewPasswordForm(forms.Form):
    """A new password, twice."""

    new_password = forms.CharField(
        label="Nouveau mot de passe",
        strip=False,
        widget=forms.PasswordInput(attrs=_ATTRS),
        error_messages={"required": "Choisissez un mot de passe."},
    )
    confirmation = forms.CharField(
        label="Confirmation",
        strip=False,
        widget=forms.PasswordInput(attrs=_ATTRS),
        error_messages={"required": "Retapez le mot de passe."},
        help_text="Le même mot de passe, une seconde fois.",
    )

    def __init__(self, *args: Any, agent: AcademicCredential, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules_of(agent)
        items = format_html_join("", "<li>{}</li>", ((s,) for s in self.rules.sentences()))
        self.fields["new_password"].help_text = format_html("<ul>{}</ul>", items)

    def clean_new_password(self) -> str:
        """Refuse the password, with all the reasons."""
        password = str(self.cleaned_data["new_password"])
        if faults := self.rules.faults(password):
            raise forms.ValidationError(faults)
        return normalise_password(password)

    def clean(self) -> dict[str, Any]:
        """Both must be the same, however the keyboard composes accents."""
        cleaned = super().clean() or {}
        first, second = cleaned.get("new_password"), cleaned.get("confirmation")
        if first and second and first != normalise_password(second):
            self.add_error("confirmation", "Les deux mots de passe sont différents.")
        return cleaned


class ChangePasswordForm(NewPasswordForm):
    """The current password, then the new one twice."""

    current_password = forms.CharField(
        label="Mot de passe actuel",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={**_ATTRS, "autocomplete": "current-password"}),
        error_messages={"required": "Indiquez votre mot de passe actuel."},
    )
    field_order = ["current_password", "new_password", "confirmation"]
