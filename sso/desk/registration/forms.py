"""Registering a service, and « Informations générales »."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.validators import URLValidator
from django.utils.html import format_html

from directory.models import School
from directory.rights.actors import Actor
from ent.pages.names import calm_name
from ent.pages.templatetags.components import icon as drawn_icon
from sso.catalogue.addresses import SCHEMES, AddressRefused, read_address
from sso.catalogue.models import Service
from sso.catalogue.perms import can_manage_portal_services, owner_schools
from sso.catalogue.presets import Preset
from sso.catalogue.registration import PORTAL_SETTINGS, is_own_address
from sso.desk.addresses.forms import AddressForm
from sso.desk.schools import find_school

ICONS: Final = {
    "external": "Lien",
    "book": "Livre",
    "calendar": "Agenda",
    "file": "Document",
    "list": "Liste",
    "news": "Journal",
    "mail": "Courrier",
    "users": "Personnes",
    "school": "Bâtiment",
    "home": "Maison",
    "map-pin": "Lieu",
    "clock": "Horloge",
    "bell": "Cloche",
    "edit": "Crayon",
    "search": "Loupe",
    "download": "Flèche",
    "phone": "Téléphone",
    "shield": "Bouclier",
    "key": "Clé",
    "settings": "Réglages",
    "help": "Aide",
}
OPEN, CLOSED = "ouvert", "ferme"
PORTAL, SCHOOLS = "portail", "etablissements"


class ServiceFilterForm(forms.Form):
    """The filters of the list."""

    q = forms.CharField(label="Nom", required=False, max_length=80, widget=forms.SearchInput())
    de = forms.ChoiceField(
        label="Propriétaire",
        required=False,
        choices=[("", "Tous"), (PORTAL, "Le portail"), (SCHOOLS, "Les établissements")],
    )
    etat = forms.ChoiceField(
        label="État",
        required=False,
        choices=[("", "Tous"), (OPEN, "Ouverts"), (CLOSED, "Fermés")],
    )

    def __init__(self, *args: Any, has_portal: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_portal:
            del self.fields["de"]


class IconField(forms.ChoiceField):
    """One of the icons that we draw, each with its word."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="Icône",
            widget=forms.RadioSelect(attrs={"class": "icon-choices"}),
            choices=[
                (name, format_html("{}<span>{}</span>", drawn_icon(name), words))
                for name, words in ICONS.items()
            ],
            **kwargs,
        )


class RegisterForm(AddressForm):
    """A new service: what it is called, whose it is, where it is."""

    name = forms.CharField(label="Nom du service", max_length=80)
    description = forms.CharField(
        label="Description",
        max_length=200,
        required=False,
        help_text="Une phrase, sous le nom, dans la tuile.",
    )
    etablissement = forms.CharField(
        label="Établissement propriétaire",
        required=False,
        max_length=80,
        help_text="Nom ou UAI. Vide\u00a0: le service est celui du portail.",
    )
    usual = forms.BooleanField(required=False)
    icon = IconField()

    field_order = (
        "name", "description", "etablissement", "scheme", "host", "port", "path", "usual", "icon"
    )  # fmt: skip

    def __init__(self, data: Any = None, *, actor: Actor, preset: Preset) -> None:
        initial = {"name": preset.name, "icon": preset.icon, "path": preset.path}
        super().__init__(data, initial=initial)
        self.school: School | None = None
        self.fields["host"].help_text = f"Par exemple {preset.host_hint}."
        self._schools = owner_schools(actor)
        if not can_manage_portal_services(actor):
            choices = [(s.uai, calm_name(s.name)) for s in self._schools.in_name_order()[:200]]
            self.fields["etablissement"] = forms.ChoiceField(
                label="Établissement propriétaire",
                choices=choices if len(choices) == 1 else [("", "Choisissez"), *choices],
            )
            self.order_fields(self.field_order)
        if not preset.usual_attributes:
            del self.fields["usual"]
        else:
            names = ", ".join(source.label.lower() for _, source, _ in preset.usual_attributes)
            self.fields["usual"].label = f"Transmettre aussi\u00a0: {names}"
            self.fields["usual"].help_text = (
                "Sans cette case, le service ne reçoit qu’un identifiant opaque, qui ne dit rien"
                " de la personne. Vous pourrez changer d’avis."
            )

    def clean_etablissement(self) -> str:
        """Find the owner among the actor's schools."""
        typed: str = self.cleaned_data["etablissement"]
        if typed:
            self.school = find_school(self._schools, typed)
        return typed

    def clean(self) -> dict[str, Any]:
        """The first address is the tile's as well, which leads to full names only."""
        data = super().clean()
        if self.address is None:
            return data
        try:
            URLValidator(SCHEMES)(self.address.text)
        except forms.ValidationError:
            self.add_error(
                "host",
                "Un nom d’hôte complet est attendu, comme service.exemple.fr\u00a0: avec un point"
                " au moins, et sans «\u00a0_\u00a0».",
            )
        return data

    @property
    def values(self) -> dict[str, Any]:
        """What the service is called and looks like."""
        return {name: self.cleaned_data[name] for name in ("name", "description", "icon")}


class GeneralForm(forms.ModelForm[Service]):
    """« Informations générales »; the protocol's own settings are the portal's."""

    icon = IconField()
    home_url = forms.URLField(
        label="Adresse d’entrée",
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text="Où mène la tuile. Vide\u00a0: pas de tuile, le service reste ouvert.",
        widget=forms.URLInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )

    class Meta:
        model = Service
        fields = (
            "name",
            "description",
            "home_url",
            "contact",
            "required_strength",
            "opens_on",
            "closes_on",
            "icon",
            "position",
            "logout_mode",
            "ticket_length",
            "ticket_seconds",
            "may_proxy",
        )
        labels = {
            "name": "Nom du service",
            "description": "Description",
            "contact": "Qui contacter",
            "required_strength": "Connexion exigée",
            "opens_on": "Ouvre le",
            "closes_on": "Dernier jour",
            "position": "Ordre parmi les tuiles",
            "logout_mode": "À la déconnexion",
            "ticket_length": "Longueur des tickets",
            "ticket_seconds": "Durée d’un ticket (secondes)",
            "may_proxy": "Peut agir pour l’utilisateur auprès d’autres services",
        }
        help_texts = {
            "description": "Une phrase, sous le nom, dans la tuile.",
            "opens_on": "Avant ce jour, personne n’entre.",
            "closes_on": "Compris.",
            "required_strength": "Avec une clé, une simple connexion ne suffit pas\u00a0: le "
            "service renvoie vers le portail de l’académie.",
            "position": "Les plus petits nombres d’abord.",
        }
        widgets = {
            "opens_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "closes_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, is_whole_portal: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_whole_portal:
            for name in PORTAL_SETTINGS:
                del self.fields[name]

    def clean_home_url(self) -> str:
        """The tile leads to the service itself, never elsewhere."""
        text: str = self.cleaned_data["home_url"]
        if not text:
            return text
        try:
            read_address(text)
        except AddressRefused as error:
            raise forms.ValidationError(
                "Cette adresse est refusée\u00a0: nom d’utilisateur, barre inversée, caractère"
                " invisible ou passage «\u00a0/../\u00a0»."
            ) from error
        if not is_own_address(self.instance, text):
            raise forms.ValidationError(
                "L’adresse d’entrée doit être l’une des adresses du service (onglet"
                " «\u00a0Adresses\u00a0»)."
            )
        return text


class DeleteForm(forms.Form):
    """The name typed again: deletion cannot be undone."""

    name = forms.CharField(label="Tapez le nom du service pour confirmer", max_length=80)

    def __init__(self, data: Any = None, *, service: Service) -> None:
        super().__init__(data)
        self.service = service

    def clean_name(self) -> str:
        """Compare without case: it is a question of attention, not of spelling."""
        typed: str = self.cleaned_data["name"]
        if typed.strip().casefold() != self.service.name.strip().casefold():
            raise forms.ValidationError(f"Tapez exactement «\u00a0{self.service.name}\u00a0».")
        return typed
