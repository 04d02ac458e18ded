"""Forms of « Rattachements »."""

from __future__ import annotations

from django import forms


class BindingFilterForm(forms.Form):
    """Find a binding or a refusal."""

    q = forms.CharField(
        label="Référence, identifiant académique, nom ou identifiant ENT",
        required=False,
        max_length=100,
    )


class ResolveForm(forms.Form):
    """Whose account an academic subject is, when a human knows."""

    login = forms.CharField(
        label="Identifiant ENT de la personne",
        max_length=70,
        help_text="Il figure sur sa fiche de l’annuaire, par exemple jeanne.dupont.",
        error_messages={"required": "Indiquez l’identifiant ENT de la personne."},
    )
