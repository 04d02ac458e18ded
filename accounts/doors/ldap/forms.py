"""The form of a door of kind LDAP: the door, its search, and the directory of its authority."""

from __future__ import annotations

import re
import ssl
from typing import Any, Final
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from accounts.doors.base.forms import DoorForm
from accounts.doors.base.models import Door
from accounts.doors.ldap.models import LdapDoor
from accounts.enums import Audience, MatchOn
from directory.models import LdapDirectory
from directory.models.schools import UAI_PATTERN

_ATTRIBUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,79}")
_DIRECTORY_FIELDS: Final = (
    *("base", "reader_dn", "authorities", "decoy_dn", "key_attribute", "state_attribute"),
    *("uai", "people_filter", "deadline_seconds"),
)
_TAKEN_AUDIENCES: Final = (Audience.STUDENT, Audience.TEACHER, Audience.STAFF)


class LdapDoorForm(DoorForm):
    """A door whose passwords the directory of a university knows."""

    servers = forms.CharField(
        label="Serveurs",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Une adresse par ligne, essayées dans cet ordre\u00a0: ldaps://annuaire.univ.fr, "
        "ou ldap:// (chiffré par StartTLS).",
        error_messages={"required": "Indiquez l’adresse d’un serveur."},
    )
    authorities = forms.CharField(
        label="Autorités de certification",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="En PEM, quand les certificats ne viennent pas d’une autorité publique.",
    )
    base = forms.CharField(
        label="Base de recherche", max_length=300, help_text="Par exemple dc=univ,dc=fr."
    )
    reader_dn = forms.CharField(label="Compte de lecture", max_length=300, required=False)
    reader_password = forms.CharField(
        label="Mot de passe du compte de lecture",
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Gardé sous une clé de l’ENT. Vide\u00a0: celui qui est déjà enregistré.",
    )
    decoy_dn = forms.CharField(
        label="Entrée leurre",
        max_length=300,
        required=False,
        help_text="Une entrée à vous, que personne n’utilise et qui ne se verrouille jamais\u00a0: "
        "un identifiant inconnu y est essayé, pour que la réponse prenne le même temps.",
    )
    key_attribute = forms.CharField(
        label="Attribut qui ne change pas",
        max_length=80,
        initial="entryUUID",
        help_text="Celui que l’alimentation donne aussi. Jamais l’identifiant ni le DN.",
    )
    state_attribute = forms.CharField(
        label="Attribut de l’état", max_length=80, required=False, initial="supannRessourceEtat"
    )
    login_attributes = forms.CharField(
        label="Attributs de l’identifiant",
        max_length=300,
        initial="uid, supannAliasLogin",
        help_text="Ce que la personne peut taper, séparés par des virgules.",
    )
    restriction = forms.CharField(
        label="Filtre",
        max_length=300,
        required=False,
        help_text="Qui entre par ce guichet, par exemple (eduPersonPrimaryAffiliation=student).",
    )
    uai = forms.CharField(
        label="UAI de l’université",
        max_length=8,
        required=False,
        validators=[RegexValidator(UAI_PATTERN, "Sept chiffres et une lettre.")],
        help_text="Pour l’alimentation (manage.py import_ldap).",
    )
    people_filter = forms.CharField(
        label="Filtre de l’alimentation", max_length=300, initial="(objectClass=inetOrgPerson)"
    )
    deadline_seconds = forms.IntegerField(
        label="Délai de réponse, en secondes", min_value=1, max_value=4, initial=4
    )

    field_order = (
        *DoorForm.Meta.fields,
        *("servers", "authorities", "base", "reader_dn", "reader_password", "decoy_dn"),
        *("key_attribute", "state_attribute", "login_attributes", "restriction"),
        *("uai", "people_filter", "deadline_seconds"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].required = True
        door: Door = self.instance
        search: LdapDoor | None = getattr(door, "ldap", None)
        if search is not None:
            self.initial["login_attributes"] = ", ".join(search.login_attributes)
            self.initial["restriction"] = search.restriction
        known = LdapDirectory.objects.filter(authority=door.authority_id).first()
        if known is not None:
            self.initial.update({name: getattr(known, name) for name in _DIRECTORY_FIELDS})
            self.initial["servers"] = "\n".join(known.servers)

    def clean_servers(self) -> list[str]:
        """Addresses over TLS, with nothing behind the port."""
        servers = self.cleaned_data["servers"].split()
        for server in servers:
            parts = urlsplit(server)
            has_more = bool(parts.path.strip("/") or parts.query or parts.username)
            if parts.scheme not in ("ldap", "ldaps") or not parts.hostname or has_more:
                raise ValidationError(
                    f"«\u00a0{server[:60]}\u00a0» n’est pas une adresse ldaps:// ou ldap://."
                )
        return [server.rstrip("/") for server in servers]

    def clean_authorities(self) -> str:
        """Certificates that can be read."""
        pem: str = self.cleaned_data["authorities"].strip()
        if pem:
            try:
                ssl.create_default_context(cadata=pem)
            except (ssl.SSLError, ValueError):
                raise ValidationError("Ce ne sont pas des certificats en PEM.") from None
        return pem

    def clean_key_attribute(self) -> str:
        """The name of an attribute."""
        return _attribute(self.cleaned_data["key_attribute"])

    def clean_state_attribute(self) -> str:
        """Same rule; none is allowed."""
        name = self.cleaned_data["state_attribute"]
        return _attribute(name) if name else ""

    def clean_login_attributes(self) -> list[str]:
        """Names of attributes."""
        names = [one.strip() for one in self.cleaned_data["login_attributes"].split(",")]
        return [_attribute(name) for name in names if name]

    def clean_restriction(self) -> str:
        """A filter in one pair of brackets."""
        written: str = self.cleaned_data["restriction"].strip()
        if written and not _is_filter(written):
            raise ValidationError("Un filtre LDAP entier, entre parenthèses.")
        return written

    def clean_people_filter(self) -> str:
        """Same rule."""
        written: str = self.cleaned_data["people_filter"].strip()
        if not _is_filter(written):
            raise ValidationError("Un filtre LDAP entier, entre parenthèses.")
        return written

    def clean(self) -> dict[str, Any]:
        """People are matched by the attribute that the feed gives; families have no such door."""
        cleaned = super().clean() or {}
        taken = {audience.value for audience in _TAKEN_AUDIENCES}
        if set(cleaned.get("audiences", ())) - taken:
            self.add_error("audiences", "Étudiants, enseignants et personnels seulement.")
        self.instance.match_on = MatchOn.JOIN_KEY
        self.instance.match_attribute = cleaned.get("key_attribute", "")
        return cleaned

    def save_server(self, door: Door) -> bool:
        """Write how the directory is reached and searched."""
        directory = LdapDirectory.objects.filter(authority=door.authority_id).first()
        directory = directory or LdapDirectory(authority=door.authority)
        for name in (*_DIRECTORY_FIELDS, "servers"):
            setattr(directory, name, self.cleaned_data[name])
        if self.cleaned_data["reader_password"]:
            directory.lock_password(self.cleaned_data["reader_password"])
        directory.save()
        search = {name: self.cleaned_data[name] for name in ("login_attributes", "restriction")}
        LdapDoor.objects.update_or_create(door=door, defaults=search)
        return True


def _attribute(name: str) -> str:
    if not _ATTRIBUTE.fullmatch(name):
        raise ValidationError(f"«\u00a0{name[:40]}\u00a0» n’est pas un nom d’attribut.")
    return name


def _is_filter(written: str) -> bool:
    """Do the brackets of the filter open and close as one?"""
    depth = 0
    for position, char in enumerate(written):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth <= 0 and position < len(written) - 1:
            return False
    return depth == 0 and written.startswith("(") and "=" in written
