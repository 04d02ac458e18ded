"""Operators' tables of sign-in: doors, terms of use."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from import_export import fields, resources
from import_export.admin import ImportExportModelAdmin
from import_export.forms import ExportForm
from import_export.widgets import ForeignKeyWidget

from accounts.models import Door, TermsText
from directory.models import Authority


class DoorResource(resources.ModelResource):
    """Doors by their code, authorities by theirs."""

    authority = fields.Field(
        column_name="authority",
        attribute="authority",
        widget=ForeignKeyWidget(Authority, "code"),
    )

    class Meta:
        model = Door
        import_id_fields = ("code",)
        fields = ("code", "authority", "label", "kind", "audiences", "position", "is_open")


@admin.register(Door)
class DoorAdmin(ImportExportModelAdmin):
    """Doors of the mire."""

    export_form_class = ExportForm  # the other one relies on inline scripts
    resource_classes = [DoorResource]
    list_display = ["label", "code", "authority", "kind", "is_open", "position"]
    list_filter = ["kind", "is_open"]
    search_fields = ["label", "code"]


@admin.register(TermsText)
class TermsTextAdmin(admin.ModelAdmin[TermsText]):
    """Terms of use: an accepted text is not changed any more, a new version is made."""

    list_display = ["title", "authority", "version", "published_at"]
    list_filter = ["authority"]

    def has_change_permission(self, request: HttpRequest, obj: TermsText | None = None) -> bool:
        """Nobody finds another text than the one they accepted."""
        if obj is not None and obj.acceptances.exists():
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: TermsText | None = None) -> bool:
        """Same reason."""
        if obj is not None and obj.acceptances.exists():
            return False
        return super().has_delete_permission(request, obj)
