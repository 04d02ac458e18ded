"""Forms of « Annuaire > Administration > Imports »."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from directory.imports.layouts.aaf.common.file_names import read_name
from directory.models.schools import Authority
from ent.pages.french import size_words

MAX_UPLOAD_FILES = 200
_ARCHIVES = (".tgz", ".tar.gz", ".zip")


class SeveralFilesInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Cleans each of several uploaded files."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Return the files, at least one."""
        given = data if isinstance(data, list | tuple) else [data]
        single = super().clean
        return [single(item, initial) for item in given if item] or [single(None, initial)]


class DepositForm(forms.Form):
    """Authority and files of a delivery."""

    autorite = forms.ModelChoiceField(
        Authority.objects.none(),
        to_field_name="code",
        label="Autorité qui livre",
        empty_label=None,
        error_messages={"invalid_choice": "Choisissez une autorité de la liste."},
    )
    fichiers = SeveralFilesField(
        label="Fichiers de la livraison",
        help_text="L’archive reçue (.tgz, .tar.gz, .zip) ou tous les fichiers XML d’un même envoi "
        "complet.",
        widget=SeveralFilesInput(attrs={"accept": ".xml,.tgz,.gz,.zip"}),
        error_messages={
            "required": "Choisissez l’archive ou les fichiers à déposer.",
            "empty": "Un des fichiers est vide.",
        },
    )

    def __init__(self, *args: Any, authorities: QuerySet[Authority], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["autorite"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = authorities
        most = size_words(settings.UPLOAD_MOST_BYTES)
        self.fields["fichiers"].help_text += f" {most} au plus."

    def clean_fichiers(self) -> list[UploadedFile[Any]]:
        """Refuse what cannot be a delivery, before anything is kept."""
        files: list[UploadedFile[Any]] = self.cleaned_data["fichiers"]
        if len(files) > MAX_UPLOAD_FILES:
            raise forms.ValidationError(
                f"Plus de {MAX_UPLOAD_FILES} fichiers : déposez plutôt l’archive."
            )
        if sum(file.size or 0 for file in files) > settings.UPLOAD_MOST_BYTES:
            raise forms.ValidationError(
                f"Plus de {size_words(settings.UPLOAD_MOST_BYTES)} en tout : utilisez la ligne "
                "de commande."
            )
        known = [
            file
            for file in files
            if str(file.name).lower().endswith(_ARCHIVES) or read_name(str(file.name)) is not None
        ]
        if not known:
            raise forms.ValidationError(
                "Aucun fichier AAF reconnu : les noms doivent contenir _Eleve_, _PersRelEleve_, "
                "_EtabEducNat_…, ou être ceux d’une archive."
            )
        return files


class ApplicationForm(forms.Form):
    """Confirmation of the application; when the guard holds, its number is typed."""

    nombre = forms.IntegerField(
        label="Nombre de personnes",
        min_value=0,
        error_messages={
            "required": "Écrivez le nombre annoncé ci-dessus.",
            "invalid": "Écrivez un nombre.",
        },
    )

    def __init__(self, *args: Any, leaving: int, is_held: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._leaving = leaving
        if is_held:
            self.fields["nombre"].help_text = (
                "Écrivez le nombre de personnes qui perdraient leur accès, annoncé ci-dessus, pour "
                "confirmer que vous l’avez lu et que c’est voulu."
            )
        else:
            del self.fields["nombre"]

    def clean_nombre(self) -> int:
        """The typed number is the announced one."""
        number = int(self.cleaned_data["nombre"])
        if number != self._leaving:
            raise forms.ValidationError("Ce n’est pas le nombre annoncé.")
        return number
