"""Operators' screens of the portal; schools get their own in a later issue."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from portal.identity import forget_portal_settings
from portal.models import LegalText, NewsItem, PortalSettings, SchoolPage, UsefulLink
from portal.school_pages.pictures import Picture, RefusedPictureError, read_picture
from portal.services import store_logo


class _WithLogoForm(forms.ModelForm[Any]):
    """Replaces the choice of a logo by the upload of one."""

    new_logo = forms.FileField(
        label="nouveau logo",
        required=False,
        help_text="PNG, JPEG ou WebP, 150 ko au plus.",
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    without_logo = forms.BooleanField(label="retirer le logo", required=False)

    def clean_new_logo(self) -> Picture | None:
        """Encode the picture anew; refuse what is none, with the reason beside the field."""
        upload: UploadedFile[bytes] | None = self.cleaned_data["new_logo"]
        if upload is None:
            return None
        try:
            return read_picture(upload.read())
        except RefusedPictureError as error:
            raise forms.ValidationError(str(error)) from error


class _WithLogoAdmin(admin.ModelAdmin[Any]):
    form = _WithLogoForm
    exclude = ["logo"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep the new picture as a row of its own; the old one stays for cached pages."""
        picture = form.cleaned_data.get("new_logo")
        if picture:
            obj.logo = store_logo(picture=picture)
        elif form.cleaned_data.get("without_logo"):
            obj.logo = None
        super().save_model(request, obj, form, change)
        forget_portal_settings()


@admin.register(PortalSettings)
class PortalSettingsAdmin(_WithLogoAdmin):
    """The one row of the portal's identity."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """One row, no more."""
        return super().has_add_permission(request) and not PortalSettings.objects.exists()


@admin.register(SchoolPage)
class SchoolPageAdmin(_WithLogoAdmin):
    """How schools show themselves."""

    list_display = ["school", "colour", "own_host"]
    list_select_related = ["school"]
    search_fields = ["school__name", "school__uai", "own_host"]
    raw_id_fields = ["school"]


@admin.register(UsefulLink)
class UsefulLinkAdmin(admin.ModelAdmin[UsefulLink]):
    """Links of schools' pages."""

    list_display = ["label", "school", "position"]
    list_select_related = ["school"]
    raw_id_fields = ["school"]


@admin.register(NewsItem)
class NewsItemAdmin(admin.ModelAdmin[NewsItem]):
    """News of schools and of the portal."""

    list_display = ["title", "school", "audience", "state", "shows_from"]
    list_filter = ["state", "audience"]
    list_select_related = ["school"]
    raw_id_fields = ["school", "author"]


@admin.register(LegalText)
class LegalTextAdmin(admin.ModelAdmin[LegalText]):
    """Versions of the portal's texts: added, never changed."""

    list_display = ["kind", "version", "created_at"]

    def has_change_permission(self, request: HttpRequest, obj: LegalText | None = None) -> bool:
        """A published version is what people have read."""
        return False
