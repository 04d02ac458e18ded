"""What the forms of all kinds of doors have in common (« Guichets »)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.doors.base.models import Door
from accounts.enums import Audience, MatchOn, RenewPolicy


class DoorForm(forms.ModelForm[Door]):
    """What every door has."""

    audiences = forms.MultipleChoiceField(
        label="Publics",
        choices=Audience.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Sous quelles réponses de la page «\u00a0Se connecter\u00a0» ce guichet figure.",
        error_messages={"required": "Choisissez au moins un public."},
    )

    class Meta:
        model = Door
        fields: tuple[str, ...] = (
            *("label", "code", "authority", "audiences", "position", "is_open"),
        )
        labels = {
            "label": "Libellé",
            "code": "Code",
            "authority": "Autorité",
            "position": "Ordre",
            "is_open": "Ce guichet est ouvert",
        }
        help_texts = {
            "label": "Ce qui suit «\u00a0Enseignant\u00a0»\u00a0: «\u00a0de l’académie de "
            "Reims\u00a0».",
            "code": "En minuscules, sans espace\u00a0: il figure dans les adresses, et dans "
            "celle que l’académie doit déclarer. Il ne changera plus.",
            "position": "Les plus petits nombres viennent d’abord.",
            "is_open": "Fermé, il reste affiché et dit que personne n’y entre pour le moment. "
            "Personne n’est déconnecté\u00a0: les sessions ouvertes continuent jusqu’à leur fin, "
            "12 heures au plus.",
        }

    def clean_code(self) -> str:
        """The address of « Ajouter » is taken."""
        code: str = self.cleaned_data["code"].lower()
        if code in {"ajouter", "preuve-demandee"}:
            raise ValidationError("Ce code est réservé.")
        return code

    def __init__(self, *args: Any, authorities: Any, is_whole_portal: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["authority"]
        choice.required = not is_whole_portal  # a door of everybody's is the whole portal's to set
        if isinstance(choice, forms.ModelChoiceField):
            choice.queryset = authorities
            choice.empty_label = "Tout le portail"
        if self.instance.pk is not None:
            del self.fields["code"]

    def save_server(self, door: Door) -> bool:
        """Write the settings of the door's server; False when the kind has none."""
        return False


class ServerDoorForm(DoorForm):
    """A door whose people are known by another server: by what it names them to us."""

    match_on = forms.ChoiceField(
        label="Reconnaître les personnes par", choices=MatchOn.choices, initial=MatchOn.EMAIL
    )
    match_attribute = forms.CharField(
        label="Attribut qui le porte",
        max_length=80,
        required=False,
        help_text="Par exemple mail ou ctemail. Vide\u00a0: l’identifiant CAS lui-même.",
    )
    renew_policy = forms.ChoiceField(
        label="Redemander l’identification",
        choices=RenewPolicy.choices,
        initial=RenewPolicy.AFTER_SIGN_OUT,
    )
    key_method = forms.CharField(
        label="Méthode qui vaut la clé OTP",
        max_length=120,
        required=False,
        help_text="Le nom que la réponse doit porter. Vide\u00a0: ce portail n’a pas de clé.",
    )

    class Meta(DoorForm.Meta):
        fields = (
            *DoorForm.Meta.fields,
            "match_on",
            "match_attribute",
            "renew_policy",
            "key_method",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].required = True
        if kwargs.get("instance") is None:
            self.initial["match_attribute"] = "mail"
