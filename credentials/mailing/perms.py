"""The mailings that an actor may see."""

from __future__ import annotations

from django.db.models import QuerySet

from credentials.mailing.models import Campaign
from credentials.perms import schools_with_files_of
from directory.rights.actors import Actor


def visible_campaigns(actor: Actor) -> QuerySet[Campaign]:
    """The mailings of the schools whose credentials *actor* administers."""
    return Campaign.objects.filter(school__in=schools_with_files_of(actor))
