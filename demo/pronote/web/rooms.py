"""What a space shows: invented lessons, and the real names of the base."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from demo.pronote.base.base import Base
from demo.pronote.base.people import Person, Population
from demo.pronote.entry.spaces import Space
from demo.pronote.reconciliation.importing import supervision
from demo.pronote.web.messages import Response
from demo.pronote.web.pages import page


@dataclass(frozen=True, slots=True)
class Lesson:
    """An hour of the invented day."""

    hour: str
    subject: str
    room: str


_DAY: Final = (
    Lesson("8 h 00", "Mathématiques", "Salle 12"),
    Lesson("9 h 00", "Français", "Salle 7"),
    Lesson("10 h 15", "Histoire-géographie", "Salle 3"),
    Lesson("11 h 15", "Anglais", "Salle 21"),
    Lesson("13 h 30", "Sciences de la vie et de la Terre", "Laboratoire 2"),
    Lesson("14 h 30", "Éducation physique et sportive", "Gymnase"),
)


def space_page(base: Base, space: Space, person: Person, *, is_mobile: bool) -> Response:
    """Return the page of a space, for the person who is in."""
    is_of_staff = space.population is Population.STAFF
    return page(
        "space",
        school=base.school,
        space=space,
        person=person,
        is_mobile=is_mobile,
        children=base.children_of(person),
        lessons=() if is_of_staff else _DAY,
        counts=supervision(base) if is_of_staff else (),
    )
