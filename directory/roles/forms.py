"""« Ajouter des accès » and the filters of the summary."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from directory.enums import GroupKind, Role
from directory.models.groups import Group
from directory.models.persons import Person
from directory.models.schools import Authority, School
from directory.rights.actors import Actor
from directory.rights.acts import Act
from directory.rights.perms import giveable_roles
from directory.rights.walls import visible_groups, visible_schools
from directory.schools.school_year import end_of_school_year
from ent.database.ordering import folded
from ent.pages.names import calm_name

#: What each role opens, in the words of the person who gives it.
ROLE_WORDS = {
    Role.ENT_ADMINISTRATOR: "tout le portail, ou toute une autorité",
    Role.SCHOOL_ADMINISTRATOR: "tout l’établissement : comptes, accès, fichiers, page",
    Role.CREDENTIALS_MANAGER: "dépanne les élèves, les parents et les invités de l’établissement",
    Role.FORM_TEACHER: "dépanne les élèves d’une classe et leurs parents",
    Role.EDITOR: "écrit la page et les actualités de l’établissement",
    Role.HELPDESK: "aide les personnels d’une autorité : clés et mots de passe académiques",
}
#: Roles that hold in no school.
_WITHOUT_SCHOOL = frozenset({Role.ENT_ADMINISTRATOR, Role.HELPDESK})
_NO_SCHOOL = "Choisissez l’établissement où s’exerce ce rôle."
OVER = "termines"
_LONGEST = timedelta(days=3_653)


class RoleFilterForm(forms.Form):
    """Narrow « Récapitulatif des droits d’accès »."""

    q = forms.CharField(label="Nom de la personne", required=False, max_length=200)
    role = forms.ChoiceField(label="Rôle", required=False, choices=[("", "Tous"), *Role.choices])
    etat = forms.ChoiceField(
        label="Accès",
        required=False,
        choices=[("", "En vigueur"), (OVER, "Échus ou retirés"), ("tous", "Tous")],
    )


class RoleForm(forms.Form):
    """Which role, where, until when. Only what the actor may give can be chosen."""

    role = forms.ChoiceField(label="Rôle", widget=forms.RadioSelect)
    uai = forms.CharField(
        label="Établissement",
        required=False,
        max_length=200,
        help_text="UAI, nom ou commune.",
    )
    classe = forms.CharField(
        label="Classe",
        required=False,
        max_length=40,
        help_text="Le code de la classe, par exemple 4E3.",
    )
    authority = forms.ModelChoiceField(
        Authority.objects.none(),
        label="Autorité",
        required=False,
        to_field_name="code",
        empty_label="Tout le portail",
        help_text="Pour l’assistance, ou pour limiter un administrateur ENT à une académie.",
    )
    expires_on = forms.DateField(
        label="Jusqu’au",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Dernier jour de l’accès. Sans date, l’accès dure jusqu’à son retrait.",
    )

    def __init__(
        self, data: Any = None, *, actor: Actor, holder: Person, initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.actor = actor
        self.school: School | None = None
        self.group: Group | None = None
        roles = giveable_roles(actor, holder)
        self.fields["role"] = forms.ChoiceField(
            label="Rôle",
            widget=forms.RadioSelect,
            choices=[(role, f"{role.label}\u00a0: {ROLE_WORDS[role]}") for role in roles],
        )
        self._schools = visible_schools(actor, Act.GIVE_ROLES).active()
        choices = [(s.uai, calm_name(s.name)) for s in self._schools.in_name_order()[:31]]
        if len(choices) <= 30:
            self.fields["uai"] = forms.ChoiceField(
                label="Établissement",
                required=False,
                choices=choices if len(choices) == 1 else [("", "Choisissez"), *choices],
            )
        if Role.HELPDESK in roles:
            self.fields["authority"] = forms.ModelChoiceField(
                Authority.objects.order_by(folded("name")),
                label="Autorité",
                required=False,
                to_field_name="code",
                empty_label="Tout le portail",
                help_text="Sans autorité, un administrateur ENT l’est de tout le portail.",
            )
        else:
            del self.fields["authority"]
        self._say_who_needs_what(set(roles))
        self._say_when_it_ends(set(roles))

    def _say_who_needs_what(self, roles: set[Role]) -> None:
        """Put beside each label which role needs the field: « facultatif » would be untrue.

        Whoever gives only roles of a school simply has to name the school.
        """
        words = {
            "uai": "obligatoire, sauf pour un administrateur ENT ou l’assistance",
            "classe": "obligatoire pour un professeur principal, inutile pour les autres rôles",
            "authority": "obligatoire pour l’assistance, au choix pour un administrateur ENT",
        }
        if not roles & _WITHOUT_SCHOOL:
            self.fields["uai"].required = True
            self.fields["uai"].error_messages["required"] = _NO_SCHOOL
            del words["uai"]
        if Role.FORM_TEACHER not in roles:
            del self.fields["classe"]
        for name in words.keys() & self.fields.keys():
            self.fields[name].condition = words[name]  # type: ignore[attr-defined]

    def _say_when_it_ends(self, roles: set[Role]) -> None:
        """Without a date a form teacher's role ends with the school year: the day is named."""
        if Role.FORM_TEACHER in roles:
            last_day = end_of_school_year(timezone.localdate())
            self.fields["expires_on"].help_text = (
                f"Dernier jour de l’accès. Sans date\u00a0: le {last_day:%d/%m/%Y}, fin de l’année "
                "scolaire, pour un professeur principal\u00a0; jusqu’au retrait pour les autres "
                "rôles."
            )

    def clean_expires_on(self) -> Any:
        """An access that is already over is a mistake."""
        end = self.cleaned_data.get("expires_on")
        if end is not None and end < timezone.localdate():
            raise forms.ValidationError("Cette date est passée : choisissez aujourd’hui ou après.")
        if end is not None and end > timezone.localdate() + _LONGEST:
            raise forms.ValidationError(
                "Cette date est trop lointaine\u00a0: dix ans au plus, ou aucune date."
            )
        return end

    def clean(self) -> dict[str, Any]:
        """Find the place that the role asks for, among those of the actor."""
        data = super().clean() or {}
        role = data.get("role")
        if not role:
            return data
        if role in _WITHOUT_SCHOOL:
            if role == Role.HELPDESK and data.get("authority") is None:
                self.add_error("authority", "Choisissez l’autorité dont dépend l’assistance.")
            return data
        data["authority"] = None
        if not self.has_error("uai"):
            self.school = self._find_school(str(data.get("uai") or ""))
        if role == Role.FORM_TEACHER and self.school is not None:
            self.group = (
                visible_groups(self.actor, Act.GIVE_ROLES)
                .select_related("school")
                .filter(
                    school=self.school,
                    kind=GroupKind.CLASS,
                    code__iexact=(data.get("classe") or "").strip(),
                )
                .first()
            )
            if self.group is None:
                self.add_error("classe", "Indiquez une classe de cet établissement.")
        return data

    def _find_school(self, typed: str) -> School | None:
        typed = typed.strip()
        if not typed:
            self.add_error("uai", _NO_SCHOOL)
            return None
        exact = self._schools.filter(uai__iexact=typed).first()
        if exact is not None:
            return exact
        found = list(self._schools.matching(typed)[:2])
        if len(found) == 1:
            return found[0]
        self.add_error(
            "uai",
            "Plusieurs établissements répondent : indiquez l’UAI."
            if found
            else "Aucun établissement ne répond à cette recherche.",
        )
        return None
