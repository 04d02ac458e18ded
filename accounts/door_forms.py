"""Forms of « Guichets » and « Rattachements »."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from accounts.enums import Audience, CasVersion, DoorKind, MatchOn, RenewPolicy
from accounts.models import CasServer, Door
from directory.models import Authority

_ADDRESS_HELP = "Par exemple https://portail.ac-academie.fr/cas/ (sans «\u00a0login\u00a0»)."
_SERVER_FIELDS = (
    "public_url",
    "back_channel_url",
    "version",
    "match_on",
    "match_attribute",
    "renew_policy",
    "method_parameter",
    "key_method",
    "deadline_seconds",
)


class LocalDoorForm(forms.ModelForm[Door]):
    """What every door has; a local one has nothing more."""

    audiences = forms.MultipleChoiceField(
        label="Publics",
        choices=Audience.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Sous quelles réponses de la page «\u00a0Se connecter\u00a0» ce guichet figure.",
        error_messages={"required": "Choisissez au moins un public."},
    )

    class Meta:
        model = Door
        fields = ("label", "code", "authority", "audiences", "position", "is_open")
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


class AcademicDoorForm(LocalDoorForm):
    """A door that leads to an academy's CAS server: the door and the server in one form."""

    public_url = forms.URLField(
        label="Adresse du portail",
        max_length=300,
        assume_scheme="https",
        help_text=f"Celle que les navigateurs ouvrent. {_ADDRESS_HELP}",
        error_messages={"required": "Indiquez l’adresse du portail."},
    )
    back_channel_url = forms.URLField(
        label="Adresse de validation",
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text="Celle que nos serveurs appellent, si elle est différente.",
    )
    version = forms.ChoiceField(
        label="Version du protocole", choices=CasVersion.choices, initial=CasVersion.V3
    )
    match_on = forms.ChoiceField(
        label="Reconnaître les personnes par", choices=MatchOn.choices, initial=MatchOn.EMAIL
    )
    match_attribute = forms.CharField(
        label="Attribut qui le porte",
        max_length=80,
        required=False,
        initial="mail",
        help_text="Par exemple mail ou ctemail. Vide\u00a0: l’identifiant CAS lui-même.",
    )
    renew_policy = forms.ChoiceField(
        label="Redemander l’identification",
        choices=RenewPolicy.choices,
        initial=RenewPolicy.AFTER_SIGN_OUT,
    )
    method_parameter = forms.CharField(
        label="Paramètre de la méthode",
        max_length=80,
        required=False,
        initial="authn_method",
        help_text="Le paramètre par lequel on demande la clé OTP à ce portail.",
    )
    key_method = forms.CharField(
        label="Méthode qui vaut la clé OTP",
        max_length=120,
        required=False,
        help_text="Le nom que la réponse doit porter. Vide\u00a0: ce portail n’a pas de clé.",
    )
    deadline_seconds = forms.IntegerField(
        label="Délai de réponse, en secondes",
        min_value=1,
        max_value=4,
        initial=4,
        help_text="De 1 à 4. Au-delà, la personne lit que le portail ne répond pas.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].required = True
        server: CasServer | None = getattr(self.instance, "cas", None)
        if server is not None:
            self.initial.update({name: getattr(server, name) for name in _SERVER_FIELDS})

    def clean_public_url(self) -> str:
        """A plain address of a folder; https except in the demonstration."""
        return _checked_address(self.cleaned_data["public_url"])

    def clean_back_channel_url(self) -> str:
        """Same rule."""
        return _checked_address(self.cleaned_data["back_channel_url"])

    def clean(self) -> dict[str, Any]:
        """CAS 1 says who, and nothing else."""
        cleaned = super().clean() or {}
        if cleaned.get("version") == CasVersion.V1 and cleaned.get("match_attribute"):
            self.add_error(
                "match_attribute",
                "CAS 1 ne transmet aucun attribut\u00a0: laissez vide, ou choisissez CAS 3.",
            )
        return cleaned

    def server_values(self) -> dict[str, Any]:
        """Return what the server's row holds."""
        return {name: self.cleaned_data[name] for name in _SERVER_FIELDS}


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


def kind_of_form(kind: str) -> type[LocalDoorForm]:
    """Return the form of a kind of door."""
    return LocalDoorForm if kind == DoorKind.LOCAL else AcademicDoorForm


def authorities_for(whole_portal: bool, authority_ids: set[int]) -> Any:
    """Return the authorities whose doors somebody may set."""
    found = Authority.objects.order_by("name")
    return found if whole_portal else found.filter(pk__in=authority_ids)


def _checked_address(address: str) -> str:
    if not address:
        return ""
    parts = urlsplit(address)
    if parts.scheme not in ("https", "http") or parts.query or parts.fragment or parts.username:
        raise ValidationError("Une adresse simple, sans paramètre ni identifiant.")
    if parts.scheme != "https" and not getattr(settings, "DEMO", False):
        raise ValidationError("L’adresse commence par https://.")
    if parts.path.rstrip("/").endswith("/login"):
        raise ValidationError("L’adresse du dossier, sans «\u00a0login\u00a0» à la fin.")
    return address.rstrip("/") + "/"
