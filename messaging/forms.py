"""Forms of the mailbox and of one's preferences."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.enums import AccountKind
from accounts.models import Account
from accounts.services.secrets import LONGEST_PASSWORD
from messaging.addresses import addresses_of
from messaging.enums import Folder, Frequency


class MailboxFilterForm(forms.Form):
    """Folder and words, by GET: what was asked stands in the address."""

    dossier = forms.ChoiceField(choices=Folder.choices, required=False, widget=forms.HiddenInput)
    q = forms.CharField(
        label="Chercher",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    @property
    def folder(self) -> Folder:
        """The folder asked for; what does not exist is the inbox."""
        asked = str(self.data.get("dossier", ""))
        return Folder(asked) if asked in Folder.values else Folder.INBOX

    @property
    def typed(self) -> str:
        """The words asked for."""
        return str(self.data.get("q", ""))[:200].strip()


class FrequencyForm(forms.Form):
    """How often mails announce messages."""

    frequence = forms.ChoiceField(
        label="M’avertir par courriel",
        choices=Frequency.choices,
        widget=forms.RadioSelect,
        help_text="Les avis de sécurité (mot de passe, adresse) partent toujours.",
        error_messages={"required": "Choisissez une fréquence."},
    )


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
        """Refuse the address that is in place already: nothing would be confirmed."""
        email = str(self.cleaned_data["email"])
        known = addresses_of([self.account.person_id])[self.account.person_id]
        if email.lower() == known.chosen.lower():
            raise forms.ValidationError("C’est déjà votre adresse.")
        return email
