"""Who may read a file of a site: whoever may read a text that cites it, now.

Public: a listed document, or a published page, the presentation, or public news that show now. For
the signed-in: news that are for them. For the editors of the school: every file. Drafts, withdrawn
and ended texts give it to nobody else.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from directory.rights.actors import actor_of
from directory.rights.acts import Act
from directory.rights.walls import visible_schools
from directory.schools.current import person_of, places_of
from portal.enums import NewsAudience
from portal.models import FileCitation, NewsItem, SiteFile


def public_files() -> QuerySet[SiteFile]:
    """Files that everybody may read."""
    here = FileCitation.objects.filter(file=OuterRef("pk"))
    news = NewsItem.objects.showing().filter(audience=NewsAudience.PUBLIC).order_by()
    cited = here.filter(
        Q(presentation__isnull=False) | Q(page__is_published=True) | Q(news__in=news.values("pk"))
    )
    found = SiteFile.objects.filter(school__is_active=True)
    return found.filter(Q(is_listed=True) | Exists(cited))


def readable_files(request: HttpRequest) -> QuerySet[SiteFile]:
    """Files that whoever is signed in may read beside the public ones."""
    person = person_of(request)
    if person is None:
        return SiteFile.objects.none()
    readable = Q(school__in=visible_schools(actor_of(request), Act.SCHOOL_PAGE).values("pk"))
    for place in places_of(request):
        news = NewsItem.objects.for_reader(person, place.school, place.profile.value).order_by()
        readable |= Q(citations__news__in=news.values("pk"))
    return SiteFile.objects.filter(readable).distinct()
