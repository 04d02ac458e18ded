"""What an export is to hold, and for whom it is encrypted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.timezone import localtime

from pronote_bridge.enums import EnvelopeKind
from pronote_bridge.exports.models import Export

FULL = "complet"


class ExportForm(forms.Form):
    """Everybody, or what changed since a file that Pronote already holds."""

    etendue = forms.ChoiceField(label="Ce que contient le fichier", widget=forms.RadioSelect)
    enveloppe = forms.ChoiceField(
        label="Enveloppe",
        choices=EnvelopeKind.choices,
        widget=forms.RadioSelect,
        help_text="Pronote lit celle de l’éditeur.",
    )

    def __init__(
        self, *args: Any, bases: Sequence[Export], envelope: EnvelopeKind, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._bases = {str(base.uuid): base for base in bases}
        field = self.fields["etendue"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [
            (FULL, "Tout le monde"),
            *((key, _words_of(base)) for key, base in self._bases.items()),
        ]
        self.initial.setdefault("etendue", FULL)
        self.initial.setdefault("enveloppe", envelope)

    @property
    def base(self) -> Export | None:
        """The export that a valid form starts from, None for everybody."""
        return self._bases.get(self.cleaned_data["etendue"])

    @property
    def envelope(self) -> EnvelopeKind:
        """The envelope of a valid form."""
        return EnvelopeKind(self.cleaned_data["enveloppe"])


def _words_of(base: Export) -> str:
    at = localtime(base.exported_at)
    return f"Ce qui est nouveau ou a changé depuis l’export du {at:%d/%m/%Y à %H:%M}"
