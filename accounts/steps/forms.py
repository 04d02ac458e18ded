"""Forms of the forced steps."""

from __future__ import annotations

from django import forms


class TermsForm(forms.Form):
    """« J’ai lu et j’accepte »."""

    accepted = forms.BooleanField(
        label="J’ai lu et j’accepte ces conditions.",
        error_messages={"required": "Cochez la case pour continuer."},
    )
