"""The form that filters the mailbox."""

from __future__ import annotations

from django import forms

from messaging.enums import Folder


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
