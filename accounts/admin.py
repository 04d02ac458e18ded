"""Operators' tables of sign-in: doors, terms of use."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from import_export import fields, resources
from import_export.widgets import ForeignKeyWidget

from accounts.doors.base.models import Door
from accounts.steps.models import TermsText
from directory.models import Authority
from ent.operators.resources import ExchangedTable


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
class DoorAdmin(ExchangedTable):
    """Doors of the mire."""

    resource_classes = [DoorResource]
    # Whom a door lets in is changed on its own desk, with a recent proof and a line of the journal.
    fields = DoorResource.Meta.fields
    list_display = ["label", "code", "authority", "kind", "is_open", "position"]
    list_filter = ["kind", "is_open"]
    search_fields = ["label", "code"]


@admin.register(TermsText)
class TermsTextAdmin(admin.ModelAdmin[TermsText]):
    """Terms of use: an accepted text is not changed any more, a new version is made."""

    list_display = ["title", "authority", "version", "published_at"]
    list_filter = ["authority"]

    def has_change_permission(self, request: HttpRequest, obj: TermsText | None = None) -> bool:
        """Refuse the change of a text that somebody accepted."""
        if obj is not None and obj.acceptances.exists():
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: TermsText | None = None) -> bool:
        """Refuse the deletion of a text that somebody accepted."""
        if obj is not None and obj.acceptances.exists():
            return False
        return super().has_delete_permission(request, obj)
