"""The form that asks for another notification address."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.enums import AccountKind
from accounts.models import Account
from ent.mail.addresses import is_usable
from messaging.addresses.known import addresses_of, same_address
from signin.passwords.hashing import LONGEST_PASSWORD


class AddressForm(forms.Form):
    """A new notification address, with the current password of whoever has one here."""

    email = forms.EmailField(
        label="Nouvelle adresse",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": "Indiquez votre adresse électronique.",
            "invalid": "Écrivez l’adresse comme nom@exemple.fr.",
        },
    )
    current_password = forms.CharField(
        label="Mot de passe actuel",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Indiquez votre mot de passe actuel."},
        help_text="Pour vérifier que c’est bien vous.",
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        if account.kind != AccountKind.LOCAL:
            del self.fields["current_password"]

    def clean_email(self) -> str:
        """Refuse what no mail goes to, and the address that is in place: nothing is confirmed."""
        email = str(self.cleaned_data["email"])
        if not is_usable(email):
            raise forms.ValidationError("Écrivez l’adresse comme nom@exemple.fr, sans accent.")
        known = addresses_of([self.account.person_id])[self.account.person_id]
        if same_address(email) == same_address(known.chosen):
            raise forms.ValidationError("C’est déjà votre adresse.")
        return email
