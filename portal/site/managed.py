"""What every page of « Site de l’établissement » loads: who edits, and which school."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict

from directory.models import Person, School
from directory.models.schools import SchoolQuerySet
from directory.rights.actors import person_of, require
from directory.rights.acts import Act
from directory.rights.walls import visible_schools
from directory.schools.lookup import school_or_404
from ent.audit.origin import Origin


@dataclass(frozen=True, kw_only=True)
class Editor:
    """Who changes the site, and from where."""

    person: Person
    origin: Origin


def schools_edited_by(request: HttpRequest) -> SchoolQuerySet:
    """The schools whose site the actor keeps; 403 when no role lets them keep any."""
    return visible_schools(require(request, Act.SCHOOL_PAGE), Act.SCHOOL_PAGE).active()


def edited(request: HttpRequest, uai: str) -> tuple[Editor, School]:
    """The editor and one of their schools; a foreign one is a 404."""
    schools = schools_edited_by(request).select_related("page__logo")
    school = school_or_404(schools, uai)
    return Editor(person=person_of(request), origin=Origin.of(request)), school


def posted(request: HttpRequest) -> QueryDict | None:
    """The fields of a POST; None for a form that is only shown."""
    return request.POST if request.method == "POST" else None


def page_context(school: School, **context: Any) -> dict[str, Any]:
    """What the frame of the pages shows."""
    return {"school": school, **context}
