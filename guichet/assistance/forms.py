"""The forms of the helpdesk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from guichet.agents.models import AcademicCredential
from guichet.authority.models import Guichet
from guichet.enums import IdentityProof
from guichet.keys.passcodes import bare


class SearchForm(forms.Form):
    """Identifier, name or serial."""

    q = forms.CharField(
        label="Identifiant, nom ou numéro de clé", required=False, max_length=100, strip=True
    )

    def found(self, guichet: Guichet) -> Any:
        """Return the agents that answer, none for an empty search."""
        agents = AcademicCredential.objects.of(guichet.authority)
        if not self.is_valid() or not (typed := self.cleaned_data["q"]):
            return agents.none()
        wanted = Q(uid__startswith=typed.lower()) | Q(keys__serial__iexact=bare(typed))
        wanted |= Q(keys__serial__iexact=typed)
        names = Q()
        for word in typed.split():
            names &= Q(family_name__istartswith=word) | Q(given_name__istartswith=word)
        return agents.filter(wanted | names).distinct().order_by("sort_key", "pk")


class ActForm(forms.Form):
    """How the owner proved who they are, for every act on somebody."""

    proof = forms.ChoiceField(
        label="Comment la personne a-t-elle prouvé son identité ?",
        choices=IdentityProof.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites comment l’identité a été prouvée."},
    )

    @property
    def identity_proof(self) -> IdentityProof:
        """The proof that was chosen."""
        return IdentityProof(self.cleaned_data["proof"])


class KeyListForm(forms.Form):
    """A list of keys to assign."""

    file = forms.FileField(
        label="Liste des clés",
        help_text="CSV ou XLSX\u00a0: une ligne par agent, identifiant;numéro de série.",
        error_messages={"required": "Choisissez le fichier.", "empty": "Ce fichier est vide."},
    )

    def clean_file(self) -> bytes:
        """Return what the file holds, bounded."""
        uploaded = self.cleaned_data["file"]
        if uploaded.size > 200_000:
            raise forms.ValidationError("Plus de 200\u00a0Ko\u00a0: coupez la liste.")
        return bytes(uploaded.read())


class AssignForm(ActForm):
    """The serial printed on the back of the key."""

    serial = forms.CharField(
        label="Numéro de série", max_length=40, help_text="Au dos de la clé.", strip=True
    )
    field_order = ["serial", "proof"]


class ResynchroniseForm(ActForm):
    """Two codes in a row, as the owner reads them out."""

    first = forms.CharField(label="Premier code lu", max_length=12)
    second = forms.CharField(label="Code suivant", max_length=12)
    field_order = ["first", "second", "proof"]
