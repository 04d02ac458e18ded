"""What the address of the dashboard asks for: forms, and the frozen value that they give.

A new filter is a field of `ActivationFilterForm`, an attribute of `Filters`, and its condition on
people (who is counted) or on schools (which rows are shown). The screen, the kept numbers, the
files and the links follow from them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict

from credentials.choice.forms import PROFILE_PLURALS, SelectionForm
from credentials.choice.population import LOCAL_PROFILES
from credentials.enums import Pace
from directory.enums import Profile
from directory.models import School

_BY_NAME: Final = "nom"
_LONGEST_WORDS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What one request asks for; the defaults restrict nothing."""

    typed: str = ""
    profile: Profile | None = None
    pace: Pace = Pace.WEEK
    sort: str = _BY_NAME
    #: Fields of `SelectionForm` that a filter on people sets in the links to it (decision 0066).
    selection: tuple[tuple[str, str], ...] = ()

    @property
    def people(self) -> Q:
        """Condition on the people who are counted."""
        return Q() if self.profile is None else Q(profile=self.profile)

    @property
    def schools(self) -> Q:
        """Condition on the schools that have a row; the totals keep all schools."""
        if not self.typed:
            return Q()
        return Q(pk__in=School.objects.matching(self.typed).values("pk"))

    @property
    def cache_key(self) -> str:
        """Name the numbers that are kept: every filter but the words and the order of the rows."""
        return repr(replace(self, typed="", sort=_BY_NAME))


NO_FILTERS: Final = Filters()


class _ChoiceField(forms.TypedChoiceField):
    """One value of a closed list: an unknown one counts as none, without an error on the screen."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValidationError:
            return self.empty_value


class SchoolActivationForm(forms.Form):
    """What the page of one school can be asked for; tabs and column headers set it."""

    tri = forms.CharField(required=False, widget=forms.HiddenInput)
    par = _ChoiceField(
        required=False,
        choices=Pace.choices,
        coerce=Pace,
        empty_value=Pace.WEEK,
        widget=forms.HiddenInput,
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, auto_id="%s")
        self._address = data

    def filters(self) -> Filters:
        """Return what the address asks for."""
        self.full_clean()
        return Filters(pace=self.cleaned_data["par"], sort=self.cleaned_data["tri"])

    def query(self) -> str:
        """Return the part of the address that files keep: the fields of this form."""
        kept = self._address.copy()
        for name in [name for name in kept if name not in self.fields]:
            del kept[name]
        return kept.urlencode()


class ActivationFilterForm(SchoolActivationForm):
    """The filters above the list of schools."""

    q = forms.CharField(
        label="Nom, commune, code postal ou UAI",
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    profil = _ChoiceField(
        label="Profil",
        required=False,
        choices=[
            ("", "Tous les profils"),
            *((profile.value, PROFILE_PLURALS[profile]) for profile in LOCAL_PROFILES),
        ],
        coerce=Profile,
        empty_value=None,
    )

    def filters(self) -> Filters:
        """Return what the address asks for."""
        common = super().filters()
        data = self.cleaned_data
        return replace(
            common,
            typed=data["q"][:_LONGEST_WORDS],
            profile=data["profil"],
            selection=tuple(
                (name, str(self._address[name]))
                for name in self.fields
                if name in SelectionForm.base_fields and data[name]
            ),
        )
