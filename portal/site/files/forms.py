"""Forms of the files of a site."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from portal.enums import FileKind
from portal.models import SiteFile
from portal.site.files.reading import MOST_BYTES, ReadFile, RefusedFileError, read_file

_DESCRIBE = "Décrivez l’image pour qui ne la voit pas, ou cochez «\u00a0image décorative\u00a0»."


class _DescribedForm(forms.Form):
    """What a picture shows, where a document is offered."""

    alternative = forms.CharField(
        label="Ce que montre l’image",
        max_length=250,
        required=False,
        help_text="Lu à voix haute à qui ne la voit pas. Sans objet pour un document.",
    )
    is_decorative = forms.BooleanField(
        label="Image décorative\u00a0: elle n’apporte aucune information", required=False
    )
    is_listed = forms.BooleanField(
        label="Proposer ce document sur la page publique, dans «\u00a0Documents\u00a0»",
        required=False,
    )

    def _check(self, kind: FileKind, data: dict[str, Any]) -> None:
        if kind == FileKind.DOCUMENT:
            return
        if not data.get("alternative") and not data.get("is_decorative"):
            self.add_error("alternative", _DESCRIBE)
        if data.get("is_listed"):
            self.add_error("is_listed", "Une image se place dans un texte, pas dans cette liste.")


class UploadForm(_DescribedForm):
    """One more file."""

    file = forms.FileField(
        label="Image ou document",
        max_length=255,
        help_text="JPEG, PNG, WebP, GIF, PDF, Word, Excel ou LibreOffice, 9\u00a0Mo au plus.",
        widget=forms.FileInput(attrs={"accept": "image/*,.pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp"}),
    )
    field_order = ("file", "alternative", "is_decorative", "is_listed")

    read: ReadFile | None = None

    def clean_file(self) -> ReadFile:
        """Read the file; refuse what is none that a site serves, with what is accepted."""
        upload: UploadedFile[bytes] = self.cleaned_data["file"]
        if upload.size is None or upload.size > MOST_BYTES:
            raise forms.ValidationError("Le fichier dépasse 9 Mo\u00a0: réduisez-le.")
        try:
            return read_file(upload.read(), upload.name or "")
        except RefusedFileError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """A picture has words, or says that it is decoration."""
        data = super().clean() or {}
        read: ReadFile | None = data.get("file")
        if read is not None:
            self._check(read.kind, data)
        return data


class FileForm(_DescribedForm):
    """What may be changed of a file."""

    def __init__(self, *args: Any, file: SiteFile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._file = file
        if file.kind == FileKind.DOCUMENT:
            del self.fields["alternative"], self.fields["is_decorative"]
        else:
            del self.fields["is_listed"]

    def clean(self) -> dict[str, Any]:
        """A picture has words, or says that it is decoration."""
        data = super().clean() or {}
        self._check(FileKind(self._file.kind), data)
        if data.get("is_decorative"):
            data["alternative"] = ""
        return data
