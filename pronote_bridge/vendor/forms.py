"""Forms of the vendor's side."""

from __future__ import annotations

from typing import Any

from django import forms

from pronote_bridge.format.public_keys import (
    LONGEST_FILE_BYTES,
    KeyRefused,
    VendorKey,
    read_public_key,
)
from pronote_bridge.vendor.models import VendorPartner

_TYPED_LETTERS = 6


class PartnerForm(forms.ModelForm[VendorPartner]):
    """Who we are to the vendor, and whom to ask."""

    class Meta:
        model = VendorPartner
        fields = (
            "partner_id",
            "partner_name",
            "container_version",
            "envelope",
            "support_address",
            "mail_subject",
        )
        labels = {
            "partner_id": "Identifiant de partenaire",
            "partner_name": "Nom de partenaire",
            "container_version": "Version du conteneur",
            "envelope": "Enveloppe habituelle",
            "support_address": "Assistance du projet",
            "mail_subject": "Objet des courriels",
        }
        help_texts = {
            "partner_id": "Donné par l’éditeur, écrit dans la partie chiffrée du fichier.",
            "partner_name": "Donné par l’éditeur, écrit sur l’enveloppe.",
            "container_version": "Donnée par l’éditeur avec la clé.",
            "support_address": "À qui les établissements écrivent\u00a0; montrée avec les exports.",
            "mail_subject": "Par exemple ENT_Pronote, pour que le courriel soit bien adressé.",
        }
        error_messages = {
            name: {"required": "L’éditeur donne cette valeur\u00a0: recopiez-la."}
            for name in ("partner_id", "partner_name", "container_version")
        }


class KeyForm(forms.Form):
    """The vendor's key, as a file or as its text; read before anything else is asked."""

    fichier = forms.FileField(
        label="Fichier de la clé publique",
        required=False,
        help_text="SSH2 (RFC 4716), OpenSSH, PEM ou certificat.",
    )
    texte = forms.CharField(
        label="Ou son texte",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )

    key: VendorKey | None = None

    def clean(self) -> dict[str, Any]:
        """Read the key; the reason why one cannot be taken is said beside its field."""
        data = super().clean() or {}
        upload, text = data.get("fichier"), data.get("texte", "")
        if upload is None and not text:
            raise forms.ValidationError("Choisissez le fichier de la clé, ou collez son texte.")
        content = upload.read(LONGEST_FILE_BYTES + 1) if upload is not None else text.encode()
        try:
            self.key = read_public_key(content)
        except KeyRefused as refused:
            self.add_error("fichier" if upload is not None else "texte", str(refused))
        return data


class ConfirmKeyForm(forms.Form):
    """The last letters of the fingerprint, typed from what the vendor says, not from this page."""

    cle = forms.CharField(widget=forms.HiddenInput)
    confirmation = forms.CharField(
        label="Les 6 derniers signes de l’empreinte",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Tapez la fin de l’empreinte pour confirmer."},
    )

    key: VendorKey | None = None

    def clean_cle(self) -> str:
        """The key travelled through the page: it is read again."""
        text: str = self.cleaned_data["cle"]
        try:
            self.key = read_public_key(text.encode())
        except KeyRefused as refused:
            raise forms.ValidationError(str(refused)) from None
        return text

    def clean_confirmation(self) -> str:
        """Compare with the key's own fingerprint."""
        typed: str = self.cleaned_data["confirmation"].strip()
        if self.key is not None and typed != self.key.fingerprint[-_TYPED_LETTERS:]:
            raise forms.ValidationError(
                "Ce n’est pas la fin de cette empreinte\u00a0: comparez-la avec celle que l’éditeur"
                " vous a donnée. Rien n’a été changé."
            )
        return typed
