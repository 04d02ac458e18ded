"""News: published, scheduled, taken back; each act stands in the journal."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from ent.audit.models import AuditEvent
from portal.enums import NewsAudience
from portal.models import NewsItem
from portal.services import publish_news, withdraw_news
from tests import factories as make


@pytest.mark.django_db
def test_scheduled_news_shows_when_its_hour_has_come() -> None:
    """R-A4: no job is needed, only a clock."""
    school = make.make_school()
    item = NewsItem.objects.create(
        school=school, title="Rentrée", body="…", audience=NewsAudience.PUBLIC
    )
    tomorrow = timezone.now() + timedelta(days=1)
    publish_news(item=item, actor=None, shows_from=tomorrow)
    assert not NewsItem.objects.public_of(school).exists()
    with time_machine.travel(tomorrow + timedelta(minutes=1)):
        assert NewsItem.objects.public_of(school).get() == item


@pytest.mark.django_db
def test_withdrawn_news_is_gone_and_both_acts_are_written_down() -> None:
    """R-A4, R-J2."""
    school = make.make_school()
    editor = make.make_person(school=school)
    item = NewsItem.objects.create(school=school, title="Erreur", body="…")
    publish_news(item=item, actor=editor.uuid)
    withdraw_news(item=item, actor=editor.uuid)
    assert not NewsItem.objects.for_people_of(school).exists()
    lines = AuditEvent.objects.filter(school_uai=school.uai).order_by("id")
    assert [line.act for line in lines] == ["news:published", "news:unpublished"]
