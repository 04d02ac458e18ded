"""Forms of « Diffusion des identifiants »."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from accounts.enums import AccountState
from credentials.choice.forms import SelectionForm
from credentials.choice.population import PopulationChoice
from credentials.mailing.models import LONGEST_SUBJECT, LONGEST_TEXT
from directory.enums import Profile
from ent.mail.messages import has_control_characters

#: « Cible »: the words of the screen, and the profiles that each means.
TARGETS: Final = (
    ("eleve", "Élève", (Profile.PUPIL,)),
    ("parent", "Parent", (Profile.GUARDIAN,)),
    ("enseignant", "Enseignant", (Profile.TEACHER, Profile.LIBRARIAN)),
    (
        "non-enseignant",
        "Non enseignant",
        (Profile.HEAD, Profile.SCHOOL_LIFE, Profile.STAFF, Profile.ACADEMIC),
    ),
    ("autre", "Autre", (Profile.GUEST,)),
    ("collectivite", "Personnel de collectivité", (Profile.LOCAL_AUTHORITY,)),
)
_PROFILES: Final = {word: profiles for word, _, profiles in TARGETS}
_PLURALS: Final = {
    "eleve": "Élèves",
    "parent": "Parents",
    "enseignant": "Enseignants",
    "non-enseignant": "Non-enseignants",
    "autre": "Autres",
    "collectivite": "Personnels de collectivité",
}
#: Above so many mails, their number is typed.
TYPED_ABOVE: Final = 50


class MailingForm(SelectionForm):
    """Who, and the two texts that the school writes itself."""

    profils = None  # type: ignore[assignment]  # Django: not this field
    etats = None  # type: ignore[assignment]  # Django: not this field
    adresse = None  # type: ignore[assignment]  # Django: not this field
    pas_remis = None  # type: ignore[assignment]  # Django: not this field
    cible = forms.MultipleChoiceField(
        label="Cible",
        choices=[(word, label) for word, label, _ in TARGETS],
        widget=forms.CheckboxSelectMultiple(),
        help_text="Parmi eux, ceux qui ne se sont jamais connectés et dont l’ENT gère le compte.",
        error_messages={"required": "Cochez au moins une cible."},
    )
    aussi = forms.BooleanField(
        label="Écrire aussi à ceux qui ont déjà reçu ce courriel",
        required=False,
        help_text="Sans cette case, ceux à qui il a été envoyé ces 7\u00a0derniers jours et ceux "
        "qui attendent dans un envoi arrêté ne reçoivent rien.",
    )
    objet = forms.CharField(
        label="Objet",
        max_length=LONGEST_SUBJECT,
        error_messages={
            "required": "Écrivez l’objet du courriel.",
            "max_length": f"L’objet a au plus {LONGEST_SUBJECT} caractères.",
        },
    )
    texte = forms.CharField(
        label="Texte personnalisable",  # « (facultatif) » comes from the field's template
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": f"Ce texte a au plus {LONGEST_TEXT} caractères."},
    )

    field_order = ("cible", "classes", "groupes", "depuis", "aussi", "objet", "texte")

    def clean_objet(self) -> str:
        """Refuse what would break a header (T-G9)."""
        subject = str(self.cleaned_data["objet"])
        if has_control_characters(subject):
            raise forms.ValidationError("L’objet tient sur une ligne, sans caractère invisible.")
        return subject

    def clean_texte(self) -> str:
        """Keep line ends, refuse the other control characters."""
        text = str(self.cleaned_data["texte"]).replace("\r\n", "\n").replace("\r", "\n")
        if has_control_characters(text.replace("\n", "").replace("\t", "")):
            raise forms.ValidationError("Effacez le caractère invisible que ce texte contient.")
        return text

    @property
    def has_narrowing(self) -> bool:
        """Is there something to see in the part that narrows the choice?"""
        if not self.is_valid():
            return bool({"classes", "groupes", "depuis"} & self.errors.keys())
        return bool(self._groups() or self.cleaned_data["depuis"] or self.is_repeated)

    @property
    def is_repeated(self) -> bool:
        """Do those get a mail, too, who got one lately? (a valid form)"""
        return bool(self.cleaned_data["aussi"])

    def choice(self) -> PopulationChoice:
        """What a valid form says: those who never signed in."""
        data = self.cleaned_data
        return PopulationChoice(
            school_id=self._school.pk,
            profiles=tuple(profile for word in data["cible"] for profile in _PROFILES[word]),
            groups=tuple(group.uuid for group in self._groups()),
            states=(AccountState.PENDING,),
            created_since=data["depuis"],
        )

    def words(self) -> str:
        """Say the choice in a line, for the list of mailings."""
        who = ", ".join(_PLURALS[word] for word in self.cleaned_data["cible"])
        groups = [group.code for group in self._groups()]
        return f"{who} de {', '.join(groups)}"[:200] if groups else who


class ConfirmMailingForm(forms.Form):
    """The number of mails, typed again when there are many."""

    nombre = forms.IntegerField(
        label="Nombre de courriels",
        min_value=0,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "Recopiez le nombre de courriels.",
            "invalid": "Recopiez le nombre en chiffres.",
        },
    )

    def __init__(self, *args: Any, expected: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected = expected
        self.fields["nombre"].help_text = f"Pour confirmer, recopiez ce nombre\u00a0: {expected}."
        if expected <= TYPED_ABOVE:
            del self.fields["nombre"]

    def clean_nombre(self) -> int:
        """The number shown and the number typed are the same, or nothing leaves."""
        typed = int(self.cleaned_data["nombre"])
        if typed != self._expected:
            raise forms.ValidationError(
                f"Le nombre est maintenant {self._expected}. Relisez, puis recopiez-le."
            )
        return typed


def default_mailing(subject: str) -> dict[str, Any]:
    """What is filled in when the page opens."""
    return {"cible": ["parent"], "objet": subject, "texte": ""}
