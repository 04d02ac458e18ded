"""« Accès population » and « Accès utilisateur »."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils import timezone

from directory.enums import GroupKind, Profile
from directory.models import Group, School
from directory.rights.actors import Actor
from sso.catalogue.models import Service
from sso.catalogue.perms import is_tied_to_its_school, owner_schools
from sso.desk.schools import find_school

PROFILES = [(one.value, one.label) for one in Profile if one is not Profile.CONTACT]
IN_FORCE, OVER = "", "termines"
ALL = "tous"


class PopulationForm(forms.Form):
    """Profiles, a school, classes; what is left empty means « all »."""

    profils = forms.MultipleChoiceField(
        label="Profils",
        choices=[(ALL, "Tous les profils"), *PROFILES],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "check-columns"}),
        error_messages={
            "required": "Cochez au moins un profil, ou «\u00a0Tous les profils\u00a0»."
        },
    )
    etablissement = forms.CharField(
        label="Établissement",
        required=False,
        max_length=80,
        help_text="Nom ou UAI. Vide\u00a0: tous les établissements.",
    )
    classes = forms.CharField(
        label="Classes",
        required=False,
        max_length=400,
        help_text="Par exemple 4E3, 4E4. Un parent a la classe de ses enfants, un"
        " enseignant celles où il enseigne.",
    )

    def __init__(self, data: Any = None, *, service: Service, actor: Actor) -> None:
        super().__init__(
            data, initial={"etablissement": service.school.uai if service.school else ""}
        )
        self.school: School | None = None
        self.groups: list[Group] = []
        self._schools = owner_schools(actor)
        if is_tied_to_its_school(service, actor):
            self.school = service.school
            del self.fields["etablissement"]
            self.fields["classes"].label = "Classes de l’établissement"

    def clean_profils(self) -> list[str]:
        """« Tous les profils » is said, never left to an empty form."""
        chosen: list[str] = self.cleaned_data["profils"]
        return [] if ALL in chosen else chosen

    def clean(self) -> dict[str, Any]:
        """Find the school, then the classes in it."""
        data = super().clean() or {}
        typed = str(data.get("etablissement") or "").strip()
        if typed:
            try:
                self.school = find_school(self._schools, typed)
            except forms.ValidationError as error:
                self.add_error("etablissement", error)
                return data
        codes = [code for code in re.split(r"[,;\n]+", data.get("classes") or "") if code.strip()]
        if codes and self.school is None:
            self.add_error("etablissement", "Indiquez l’établissement de ces classes.")
        elif codes:
            self._find_classes([code.strip() for code in codes])
        return data

    def _find_classes(self, codes: list[str]) -> None:
        of_school = Group.objects.filter(school=self.school, kind=GroupKind.CLASS, is_present=True)
        known = {group.code.casefold(): group for group in of_school}
        unknown = [code for code in codes if code.casefold() not in known]
        if unknown:
            names = ", ".join(unknown)[:200]
            self.add_error("classes", f"Classes inconnues de cet établissement\u00a0: {names}.")
        self.groups = [known[code.casefold()] for code in codes if code.casefold() in known]


class GrantFilterForm(forms.Form):
    """The filters of « Récapitulatif des droits d’accès »."""

    q = forms.CharField(
        label="Nom, prénom", required=False, max_length=200, widget=forms.SearchInput()
    )
    etat = forms.ChoiceField(
        label="État",
        required=False,
        choices=[(IN_FORCE, "En cours"), (OVER, "Terminés"), (ALL, "Tous")],
    )


class GrantForm(forms.Form):
    """Until when."""

    expires_on = forms.DateField(
        label="Jusqu’au",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Dernier jour de l’accès. Sans date, l’accès dure jusqu’à son retrait.",
    )

    def clean_expires_on(self) -> Any:
        """An access that is already over is a mistake."""
        end = self.cleaned_data.get("expires_on")
        if end is not None and end < timezone.localdate():
            raise forms.ValidationError(
                "Cette date est passée\u00a0: choisissez aujourd’hui ou après."
            )
        return end
