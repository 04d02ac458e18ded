"""The kept columns of a person, each declared once.

From this list are derived: the attributes that readers capture and how long they may be, the
staging table ``in_person``, the columns that the transaction writes and compares, and the checksum
of an object. So an attribute that is newly kept is read again in the files that come next, although
their objects did not change.

To keep one more attribute: declare it here and add the field to the model, with its migration.

Imported by the reader processes, which start without Django.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

PUPIL, GUARDIAN, STAFF = "Eleve", "PersRelEleve", "PersEducNat"
EVERYBODY = (PUPIL, GUARDIAN, STAFF)
FAMILY = (PUPIL, GUARDIAN)
FIRST_DEGREE, SECOND_DEGREE = "1D", "2D"


class Reading(Enum):
    """How the value of an attribute becomes that of a column."""

    TEXT = "text"
    TITLE = "title"
    DATE = "date"
    EMAIL = "email"
    ADDRESS = "address"
    FIRST = "first"
    """The first of several values."""
    LABEL = "label"
    """``code$label`` in the first degree: the label."""
    JOINED = "joined"
    """Several values, with spaces between them."""
    LIST = "list"
    """Several values, as an array; NULL where there is none."""
    COMPUTED = "computed"
    """From several attributes: the row builder says how."""


_OF_SEVERAL = frozenset({Reading.FIRST, Reading.JOINED, Reading.LIST})
_SQL_TYPES = {Reading.DATE: "date", Reading.LIST: "varchar[]"}


@dataclass(frozen=True, slots=True)
class Column:
    """One kept column.

    ``field`` names it in the model and in staging; ``attribute`` is what the files of the second
    degree call it and ``in_first`` those of the first (nothing: they do not carry it); ``length``
    is the longest value, in characters; ``categories`` are those whose objects carry it.
    ``counts_as_change``: does a person in whom nothing else differs count as changed in reports?
    The column is written either way.
    """

    field: str
    attribute: str = ""
    length: int = 0
    reading: Reading = Reading.TEXT
    categories: tuple[str, ...] = EVERYBODY
    counts_as_change: bool = True
    in_first: str = ""

    @property
    def is_multiple(self) -> bool:
        """May the attribute hold several values?"""
        return self.reading in _OF_SEVERAL

    @property
    def staged(self) -> str:
        """The column in the staging table: its name and SQL type."""
        return f"{self.field} {_SQL_TYPES.get(self.reading, 'text')}"


PERSON_COLUMNS: tuple[Column, ...] = (
    Column("title", "personalTitle", 10, Reading.TITLE, in_first="ENTPersonCivilite"),
    Column("family_name", "sn", 100, in_first="ENTPersonNom"),
    Column("given_name", "givenName", 100, in_first="ENTPersonPrenom"),
    Column("birth_name", "ENTPersonNomPatro", 100, in_first="ENTPersonNomPatro"),
    Column(
        "other_names", "ENTPersonAutresPrenoms", 200, Reading.JOINED,
        in_first="ENTPersonAutresPrenoms",
    ),
    Column(
        "birth_date", "ENTPersonDateNaissance", 10, Reading.DATE,
        in_first="ENTPersonDateNaissance",
    ),
    Column("ine", "ENTEleveINE", 11, categories=(PUPIL,), in_first="ENTEleveINE"),
    Column("email", "mail", 254, Reading.EMAIL, in_first="ENTPersonMail"),
    Column("home_phone", "homePhone", 40, categories=FAMILY, in_first="ENTPersonTelPerso"),
    Column(
        "work_phone", "telephoneNumber", 40, categories=FAMILY,
        in_first="ENTPersRelEleveTelPro",
    ),
    Column(
        "mobile_phone", "mobile", 40, Reading.FIRST, categories=(GUARDIAN,),
        in_first="ENTPersRelEleveTelMobile",
    ),
    Column(
        "address", "ENTPersonAdresse", 300, Reading.ADDRESS, categories=FAMILY,
        in_first="ENTPersonAdresse",
    ),
    Column(
        "postal_code", "ENTPersonCodePostal", 10, categories=FAMILY,
        in_first="ENTPersonCodePostal",
    ),
    Column("town", "ENTPersonVille", 100, categories=FAMILY, in_first="ENTPersonVille"),
    Column("country", "ENTPersonPays", 60, categories=FAMILY, in_first="ENTPersonPays"),
    Column("siecle_id", "ENTEleveStructRattachId", 40, categories=(PUPIL,)),
    Column("mef_code", "ENTEleveMEF", 11, categories=(PUPIL,)),
    Column("mef_label", "ENTEleveLibelleMEF", 120, categories=(PUPIL,)),
    Column(
        "level", "ENTEleveNivFormation", 60, categories=(PUPIL,), in_first="ENTEleveNiveau",
    ),
    Column("cycle", "", 60, Reading.LABEL, categories=(PUPIL,), in_first="ENTEleveCycle"),
    Column("option_codes", "ENTEleveCodeEnseignements", 20, Reading.LIST, categories=(PUPIL,)),
    Column("boarding", "ENTEleveRegime", 60, categories=(PUPIL,)),
    Column("pupil_status", "ENTEleveStatutEleve", 30, categories=(PUPIL,)),
    Column("post_subjects", "ENTAuxEnsDisciplinesPoste", 120, Reading.LIST, categories=(STAFF,)),
    Column("taught_mefs", "ENTAuxEnsMEF", 200, Reading.LIST, categories=(STAFF,)),
    Column(
        "child_ids", "ENTAuxPersRelEleveEleve", 40, Reading.LIST, categories=(GUARDIAN,),
        counts_as_change=False, in_first="ENTPersRelEleveEleve",
    ),
    Column("sort_key", reading=Reading.COMPUTED, counts_as_change=False),
    Column("search_key", reading=Reading.COMPUTED, counts_as_change=False),
)  # fmt: skip


def person_columns() -> tuple[Column, ...]:
    """The columns that a feed fills, of ``directory_person`` and of ``in_person`` alike."""
    return PERSON_COLUMNS


def columns_of(category: str, degree: str = SECOND_DEGREE) -> list[Column]:
    """The columns that the objects of a category fill from an attribute of their own."""
    if degree == FIRST_DEGREE:
        return [
            replace(column, attribute=column.in_first, reading=_in_first(column))
            for column in PERSON_COLUMNS
            if column.in_first and category in column.categories
        ]
    return [
        column for column in PERSON_COLUMNS if column.attribute and category in column.categories
    ]


def _in_first(column: Column) -> Reading:
    return Reading.LABEL if column.field == "level" else column.reading


def is_delivered(column: Column) -> bool:
    """Does an attribute of some degree fill the column?"""
    return bool(column.attribute or column.in_first)
