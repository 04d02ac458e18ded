"""Writes of the portal's pages: news, texts, logos, each with its journal event."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from portal.enums import NewsState, TextKind
from portal.models import LegalText, Logo, NewsItem
from portal.rasters import read_raster


@transaction.atomic
def publish_news(
    *, item: NewsItem, shows_from: datetime | None = None, shows_until: datetime | None = None
) -> NewsItem:
    """Show *item* from *shows_from* (now when not given); a later date schedules it."""
    item.state = NewsState.PUBLISHED
    item.shows_from = shows_from or timezone.now()
    item.shows_until = shows_until
    item.save(update_fields=["state", "shows_from", "shows_until", "updated_at"])
    return item


@transaction.atomic
def withdraw_news(*, item: NewsItem) -> NewsItem:
    """Take *item* off every page; it can be published again."""
    item.state = NewsState.WITHDRAWN
    item.save(update_fields=["state", "updated_at"])
    return item


@transaction.atomic
def publish_text(*, kind: TextKind, body: str) -> LegalText:
    """Add the next version of a text; former versions stay as they were read."""
    latest = LegalText.objects.select_for_update().in_force(kind)
    return LegalText.objects.create(
        kind=kind, version=latest.version + 1 if latest is not None else 1, body=body
    )


def store_logo(*, data: bytes) -> Logo:
    """Verify and keep a picture; raises ``RefusedPictureError`` with the reason in French."""
    raster = read_raster(data)
    return Logo.objects.create(
        content_type=raster.content_type,
        width=raster.width,
        height=raster.height,
        data=raster.data,
    )
