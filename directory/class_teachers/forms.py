"""The form that attaches a teacher to classes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from directory.enums import GroupKind, Profile
from directory.models.groups import Group
from directory.models.persons import Person
from directory.models.schools import School

_TEACHING = (Profile.TEACHER, Profile.HEAD)


class AttachForm(forms.Form):
    """Who, which classes, until when."""

    enseignant = forms.ChoiceField(
        label="Enseignant",
        error_messages={
            "required": "Choisissez un enseignant.",
            "invalid_choice": "Choisissez un enseignant de la liste.",
        },
    )
    classes = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        to_field_name="uuid",
        label="Classes",
        widget=forms.CheckboxSelectMultiple(),
        error_messages={
            "required": "Cochez au moins une classe.",
            "invalid_choice": "Choisissez seulement des classes de la liste.",
        },
    )
    jusqu_au = forms.DateField(
        label="Jusqu’au",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        help_text="Pour un remplacement. Vide\u00a0: jusqu’à la fin de l’année scolaire.",
        error_messages={"invalid": "Écrivez la date comme 30/11/2026."},
    )

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teachers, classes = self.fields["enseignant"], self.fields["classes"]
        assert isinstance(teachers, forms.ChoiceField)  # noqa: S101
        assert isinstance(classes, forms.ModelMultipleChoiceField)  # noqa: S101
        here = Person.objects.filter(
            left_at__isnull=True,
            affiliations__school=school,
            affiliations__profile__in=_TEACHING,
        )
        self._teachers = {str(one.uuid): one for one in here.distinct().in_name_order()}
        named = [(key, one.full_name) for key, one in self._teachers.items()]
        teachers.choices = [("", "Choisissez"), *named]
        classes.queryset = Group.objects.filter(
            school=school, kind=GroupKind.CLASS, is_present=True
        ).order_by("sort_key", "code", "pk")

    def clean_enseignant(self) -> Person:
        """The person chosen."""
        return self._teachers[self.cleaned_data["enseignant"]]

    def clean_jusqu_au(self) -> Any:
        """A day that is over attaches nobody."""
        day = self.cleaned_data["jusqu_au"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError("Cette date est déjà passée.")
        return day
