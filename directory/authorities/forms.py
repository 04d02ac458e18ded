"""« Autorités »: who feeds the directory, created and corrected by an ENT administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from directory.enums import AuthorityKind, Relationship
from directory.models.schools import Authority

_MORE_LINKS = (
    Relationship.SIBLING, Relationship.GRANDPARENT, Relationship.FAMILY, Relationship.FOSTER_CARER,
    Relationship.CHILD_MINDER, Relationship.OTHER,
)  # fmt: skip
"""Links of the first degree that an authority may open."""

_FEED_NAME_HELP = (
    "Le nom d’académie que portent ses fichiers AAF (ENTServAcAcademie), par exemple CRETEIL. "
    "Vide\u00a0: le code."
)


class AuthorityForm(forms.ModelForm[Authority]):
    """An authority; its code stands in every join key, so it is chosen once."""

    kind = forms.ChoiceField(label="Nature", choices=AuthorityKind.choices)
    first_degree_links = forms.TypedMultipleChoiceField(
        label="Premier degré\u00a0: liens qui donnent aussi accès au suivi",
        choices=[(link.value, link.label) for link in Relationship if link in _MORE_LINKS],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text="Mère, père, tuteur et aide sociale à l’enfance l’ont toujours\u00a0: les "
        "fichiers du premier degré ne disent pas qui exerce l’autorité parentale. Prend effet au "
        "prochain envoi complet.",
    )

    class Meta:
        model = Authority
        fields = (
            "name",
            "code",
            "kind",
            "feed_name",
            "helpdesk_email",
            "helpdesk_phone",
            "second_factor_from",
            "first_degree_links",
        )
        widgets = {"second_factor_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        labels = {
            "name": "Nom",
            "code": "Code",
            "feed_name": "Nom dans les fichiers AAF",
            "helpdesk_email": "Courriel de l’assistance",
            "helpdesk_phone": "Téléphone de l’assistance",
            "second_factor_from": "Second facteur exigé à partir du",
        }
        help_texts = {
            "name": "Par exemple «\u00a0Académie de Créteil\u00a0».",
            "code": "En capitales, par exemple CRETEIL. Il ne changera plus\u00a0: il figure dans "
            "les clés de jointure (AC-CRETEIL$…).",
            "feed_name": _FEED_NAME_HELP,
            "second_factor_from": "Pour les chefs d’établissement, les gestionnaires et les "
            "professeurs principaux de ses établissements\u00a0: qui n’en a pas encore "
            "l’installe à la connexion suivante. Vide\u00a0: il reste facultatif pour eux.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            del self.fields["code"]

    def clean_code(self) -> str:
        """Codes are written in capitals, and CRETEIL is not another authority than Creteil."""
        code: str = self.cleaned_data["code"].upper()
        if Authority.objects.filter(code__iexact=code).exists():
            raise ValidationError("Ce code désigne déjà une autorité.")
        return code
