"""Forms of « Site de l’établissement »."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time
from typing import Any, Final

from django import forms
from django.utils import timezone

from directory.enums import Profile
from directory.models import Group, School
from portal.enums import MessageTone, NewsAudience, NewsState, Weekday
from portal.models import NewsItem, UsefulLink
from portal.site.texts import NewsContent

MOST_SIGNS: Final = 20_000
#: Profiles that a piece of news may be for, in the words of the school.
READERS: Final = (
    Profile.PUPIL,
    Profile.GUARDIAN,
    Profile.TEACHER,
    Profile.HEAD,
    Profile.SCHOOL_LIFE,
    Profile.LIBRARIAN,
    Profile.STAFF,
    Profile.GUEST,
)
_MOMENT: Final = "%Y-%m-%dT%H:%M"


def _moment_field(label: str, help_text: str, *, is_required: bool = False) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=is_required,
        help_text=help_text,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT),
    )


class TextForm(forms.Form):
    """A text, and the version on which it is based."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    body = forms.CharField(
        label="Texte",
        max_length=MOST_SIGNS,
        widget=forms.Textarea(attrs={"rows": 16, "class": "text-editor"}),
    )

    def clean_body(self) -> str:
        """Refuse the signs that no keyboard types and no database keeps."""
        return str(self.cleaned_data["body"]).replace("\x00", "")


class NewsForm(TextForm):
    """A piece of news: words, readers, dates."""

    title = forms.CharField(label="Titre", max_length=120)
    audience = forms.ChoiceField(
        label="Qui peut la lire",
        choices=NewsAudience.choices,
        widget=forms.RadioSelect,
        initial=NewsAudience.CONNECTED,
    )
    profiles = forms.MultipleChoiceField(
        label="Seulement pour",
        choices=[(profile.value, profile.label) for profile in READERS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Rien de coché\u00a0: tous les profils de l’établissement.",
    )
    groups = forms.ModelMultipleChoiceField(
        label="Seulement les classes ou groupes",
        queryset=Group.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Aucun choix\u00a0: tout l’établissement. Les parents suivent leurs enfants.",
    )
    shows_from = _moment_field("Visible à partir du", "Vide\u00a0: dès la publication.")
    shows_until = _moment_field("Jusqu’au", "Vide\u00a0: sans fin.")
    is_pinned = forms.BooleanField(label="Épingler en tête des actualités", required=False)
    field_order = ("version", "title", "body", "audience", "profiles", "groups")

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = Group.objects.filter(school=school, is_present=True)
        self.fields["groups"].queryset = groups  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The end comes after the beginning; everybody is not a class."""
        data = super().clean() or {}
        begins, ends = data.get("shows_from"), data.get("shows_until")
        if ends and ends <= (begins or timezone.now()):
            self.add_error("shows_until", "La fin vient après le début.")
        is_public = data.get("audience") == NewsAudience.PUBLIC
        if is_public and (data.get("profiles") or data.get("groups")):
            self.add_error(
                "audience",
                "Une actualité pour tout le monde ne se limite pas à des profils ou à des"
                " classes\u00a0: choisissez les personnes connectées, ou videz ces choix.",
            )
        return data

    def content(self) -> NewsContent:
        """What the valid form says."""
        data = self.cleaned_data
        return NewsContent(
            title=data["title"],
            markdown=data["body"],
            audience=NewsAudience(data["audience"]),
            profiles=tuple(data["profiles"]),
            groups=tuple(data["groups"]),
            is_pinned=data["is_pinned"],
            shows_from=data["shows_from"],
            shows_until=data["shows_until"],
        )

    @staticmethod
    def initial_of(item: NewsItem, markdown: str) -> dict[str, Any]:
        """What the form shows of a stored piece of news."""
        return {
            "version": item.version,
            "title": item.title,
            "body": markdown,
            "audience": item.audience,
            "profiles": item.profiles,
            "groups": [group.pk for group in item.groups.all()],
            "shows_from": item.shows_from,
            "shows_until": item.shows_until,
            "is_pinned": item.is_pinned,
        }

    @property
    def has_limits(self) -> bool:
        """Is any profile or class chosen, or wrong?"""
        names = ("profiles", "groups")
        return any(self[name].value() or self[name].errors for name in names)


def is_draft(item: NewsItem | None) -> bool:
    """Is the text still its editors' own?"""
    return item is None or item.state != NewsState.PUBLISHED


class PageForm(TextForm):
    """A page of the menu."""

    title = forms.CharField(
        label="Titre", max_length=60, help_text="Court\u00a0: il devient l’entrée du menu."
    )
    field_order = ("version", "title", "body")


class PresentationForm(TextForm):
    """What stands first on the page, and whom to ask."""

    contact_email = forms.EmailField(
        label="Courriel public",
        required=False,
        help_text="Vide\u00a0: celui de l’annuaire académique.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    contact_phone = forms.RegexField(
        r"^[0-9+(). -]{4,30}$",
        label="Téléphone public",
        required=False,
        help_text="Vide\u00a0: celui de l’annuaire académique.",
        error_messages={"invalid": "Écrivez des chiffres, comme 03 83 00 00 00."},
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    website = forms.URLField(
        label="Autre site de l’établissement",
        required=False,
        assume_scheme="https",
        max_length=200,
    )
    field_order = ("version", "body", "contact_email", "contact_phone", "website")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].required = False

    def contact(self) -> dict[str, str]:
        """Whom to ask, of the valid form."""
        names = ("contact_email", "contact_phone", "website")
        return {name: self.cleaned_data[name] for name in names}


class LinkForm(forms.ModelForm[UsefulLink]):
    """One more useful link."""

    address = forms.URLField(label="Adresse", assume_scheme="https", max_length=200)

    class Meta:
        model = UsefulLink
        fields = ("label", "address")

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.school = school

    def clean_address(self) -> str:
        """A link of the page leads to a page."""
        address: str = self.cleaned_data["address"]
        if not address.lower().startswith(("https://", "http://")):
            raise forms.ValidationError("Une adresse commence par https://.")
        if UsefulLink.objects.filter(school=self.instance.school, address=address).exists():
            raise forms.ValidationError("Ce lien figure déjà sur la page.")
        return address


class MessageForm(forms.Form):
    """The message of the day."""

    words = forms.CharField(label="Message", max_length=240)
    tone = forms.ChoiceField(
        label="Ton",
        choices=MessageTone.choices,
        initial=MessageTone.INFORMATION,
        widget=forms.RadioSelect,
    )
    shows_from = _moment_field("Visible à partir du", "", is_required=True)
    shows_until = _moment_field("Jusqu’au", "", is_required=True)

    def clean(self) -> dict[str, Any]:
        """The end comes after the beginning."""
        data = super().clean() or {}
        begins, ends = data.get("shows_from"), data.get("shows_until")
        if begins and ends and ends <= begins:
            self.add_error("shows_until", "La fin vient après le début.")
        return data


_HOUR = r"([01]?\d|2[0-4])\s*(?:h|:)\s*([0-5]\d)?"
_PERIOD = re.compile(rf"\s*(?:de\s+)?{_HOUR}\s*(?:-|–|à|a)\s*{_HOUR}\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:,|;|/|\bet\b)\s*")
_CLOSED: Final = frozenset({"", "fermé", "ferme", "-", "–"})


def read_hours(typed: str) -> list[tuple[time, time]]:
    """« 8 h – 12 h, 13 h 30 – 17 h » as stretches of a day; nothing when it is closed."""
    typed = typed.replace("\u00a0", " ").replace("\u202f", " ").strip()
    if typed.lower() in _CLOSED:
        return []
    periods: list[tuple[time, time]] = []
    for part in _BETWEEN.split(typed):
        match = _PERIOD.fullmatch(part)
        if match is None:
            raise forms.ValidationError("Écrivez par exemple 8 h – 12 h, 13 h 30 – 17 h, ou rien.")
        opens = _time(match[1], match[2])
        closes = _time(match[3], match[4])
        if closes <= opens or (periods and opens < periods[-1][1]):
            raise forms.ValidationError("Ces horaires se chevauchent ou finissent avant le début.")
        periods.append((opens, closes))
    return periods


def _time(hour: str, minute: str | None) -> time:
    return time(23, 59) if hour == "24" else time(int(hour), int(minute or 0))


def write_hour(value: time) -> str:
    """« 8 h », « 13 h 30 »."""
    minutes = f"\u00a0{value.minute:02d}" if value.minute else ""
    return f"{value.hour}\u00a0h{minutes}"


def write_hours(periods: Iterable[tuple[time, time]]) -> str:
    """« 8 h – 12 h, 13 h 30 – 17 h »."""
    return ", ".join(f"{write_hour(opens)} – {write_hour(closes)}" for opens, closes in periods)


class HoursForm(forms.Form):
    """One line per day."""

    hours_note = forms.CharField(
        label="Précision",
        max_length=200,
        required=False,
        help_text="Par exemple\u00a0: le secrétariat ferme pendant les vacances scolaires.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note = self.fields.pop("hours_note")
        for day in Weekday:
            self.fields[f"day_{day.value}"] = forms.CharField(
                label=day.label,
                required=False,
                max_length=80,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )
        self.fields["hours_note"] = note

    def clean(self) -> dict[str, Any]:
        """Read every day; each mistake stands beside its own."""
        data = super().clean() or {}
        for day in Weekday:
            name = f"day_{day.value}"
            if name in data:
                try:
                    data[name] = read_hours(data[name])
                except forms.ValidationError as error:
                    self.add_error(name, error)
        return data

    def periods(self) -> list[tuple[int, time, time]]:
        """Every stretch of the week, of the valid form."""
        return [
            (day.value, opens, closes)
            for day in Weekday
            for opens, closes in self.cleaned_data[f"day_{day.value}"]
        ]
