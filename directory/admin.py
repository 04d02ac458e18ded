"""Operators' tables of the directory: small ones only; feeds have their own way in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from import_export import resources

from directory.models.schools import Authority, School
from ent.operators.resources import ExchangedTable, ExportedTable


class AuthorityResource(resources.ModelResource):
    """Authorities by their code."""

    class Meta:
        model = Authority
        import_id_fields = ("code",)
        fields = ("code", "name", "kind", "feed_name", "helpdesk_email", "helpdesk_phone")


class SchoolResource(resources.ModelResource):
    """Schools by their UAI, for export: their facts come from the feed."""

    class Meta:
        model = School
        fields = ("uai", "name", "town", "postal_code", "authority__code", "is_active", "slug")


@admin.register(Authority)
class AuthorityAdmin(ExchangedTable):
    """Academies, the agricultural network, local authorities."""

    resource_classes = [AuthorityResource]
    list_display = ["name", "code", "kind", "helpdesk_email"]
    search_fields = ["name", "code"]


@admin.register(School)
class SchoolAdmin(ExportedTable, admin.ModelAdmin[Any]):
    """Structures of the feeds: an operator opens one by hand or corrects its address."""

    resource_classes = [SchoolResource]
    list_display = ["name", "uai", "town", "authority", "is_active"]
    list_filter = ["is_active", "authority"]
    search_fields = ["name", "uai", "town"]
    readonly_fields = ["uai", "authority", "search_key"]
    fields = ["uai", "authority", "name", "slug", "is_active", "is_active_by_hand"]

    def has_add_permission(self, request: Any) -> bool:
        """Schools come from the feeds."""
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """A school takes its people along: never from here."""
        return False
