"""Writes of the portal's pages: news, texts, logos; one transaction and one journal line each."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ent.audit.enums import Act
from ent.audit.services import record
from portal.enums import NewsState, TextKind
from portal.identity import forget_portal_settings
from portal.models import LegalText, Logo, NewsItem
from portal.school_pages.pictures import Picture


@transaction.atomic
def publish_news(
    *,
    item: NewsItem,
    actor: UUID | None,
    shows_from: datetime | None = None,
    shows_until: datetime | None = None,
) -> NewsItem:
    """Show *item* from *shows_from* (now when not given); a later date schedules it."""
    item.state = NewsState.PUBLISHED
    item.shows_from = shows_from or timezone.now()
    item.shows_until = shows_until
    item.save(update_fields=["state", "shows_from", "shows_until", "updated_at"])
    _record_news(Act.NEWS_PUBLISHED, item, actor)
    return item


@transaction.atomic
def withdraw_news(*, item: NewsItem, actor: UUID | None) -> NewsItem:
    """Take *item* off every page; it can be published again."""
    item.state = NewsState.WITHDRAWN
    item.save(update_fields=["state", "updated_at"])
    _record_news(Act.NEWS_UNPUBLISHED, item, actor)
    return item


@transaction.atomic
def publish_text(*, kind: TextKind, body: str, actor: UUID | None) -> LegalText:
    """Add the next version of a text; former versions stay as they were read."""
    latest = LegalText.objects.select_for_update().in_force(kind)
    text = LegalText.objects.create(
        kind=kind, version=latest.version + 1 if latest is not None else 1, body=body
    )
    record(
        act=Act.SETTINGS_CHANGED,
        actor=actor,
        details={"page": kind.value, "version": text.version},
    )
    transaction.on_commit(forget_portal_settings)
    return text


def store_logo(*, picture: Picture) -> Logo:
    """Keep a picture that `portal.school_pages.pictures` encoded."""
    return Logo.objects.create(
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        data=picture.data,
    )


def _record_news(act: Act, item: NewsItem, actor: UUID | None) -> None:
    record(
        act=act,
        actor=actor,
        school_uai=item.school.uai if item.school is not None else "",
        details={"news": str(item.uuid)},
    )
