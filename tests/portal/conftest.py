"""Schools and news that several tests of the portal look at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from directory.models import School
from portal.enums import NewsAudience, NewsState
from portal.models import NewsItem


@pytest.fixture
def make_news(db: None) -> Callable[..., NewsItem]:
    """A published, public piece of news unless told otherwise."""

    def make(school: School | None, title: str, **fields: Any) -> NewsItem:
        return NewsItem.objects.create(
            **{
                "school": school,
                "title": title,
                "body": "Le texte.",
                "audience": NewsAudience.PUBLIC,
                "state": NewsState.PUBLISHED,
                "shows_from": timezone.now() - timedelta(hours=1),
                **fields,
            }
        )

    return make
