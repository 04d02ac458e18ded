"""Forms that ask for a code of the application."""

from __future__ import annotations

from django import forms

from ent.text.typed import without_gaps

_AS_TYPED = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class CodeForm(forms.Form):
    """A code of the application, or a recovery code when the device is not there."""

    code = forms.CharField(
        label="Code à 6 chiffres",
        max_length=20,
        widget=forms.TextInput(
            attrs={
                **_AS_TYPED,
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
        widget=forms.TextInput(attrs={**_AS_TYPED, "autocomplete": "off", "class": "code-input"}),
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
        return name, without_gaps(str(self.cleaned_data.get(name, "")))


class EnrolForm(forms.Form):
    """The first code of a new application."""

    code = forms.CharField(
        label="Code à 6 chiffres",
        max_length=20,
        widget=forms.TextInput(
            attrs={
                **_AS_TYPED,
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "class": "code-input",
            }
        ),
        error_messages={"required": "Indiquez le code que votre application affiche."},
        help_text="Celui que l’application affiche pour Préau.",
    )

    def clean_code(self) -> str:
        """Take the spaces off: applications write « 123 456 »."""
        return without_gaps(str(self.cleaned_data["code"]))
