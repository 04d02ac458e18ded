"""The form of one's preferences."""

from __future__ import annotations

from django import forms

from messaging.enums import Frequency


class FrequencyForm(forms.Form):
    """How often mails announce messages."""

    frequence = forms.ChoiceField(
        label="M’avertir par courriel",
        choices=Frequency.choices,
        widget=forms.RadioSelect,
        help_text="Les avis de sécurité (mot de passe, adresse) partent toujours.",
        error_messages={"required": "Choisissez une fréquence."},
    )
