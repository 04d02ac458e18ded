"""From a family to the text of its records."""

from __future__ import annotations

from demo.aaf.families import Parent, Pupil
from demo.aaf.layout import (
    EMPTY,
    PARENT,
    PUPIL,
    PUPIL_AGRICULTURAL,
    values,
)
from demo.aaf.names import to_xml

_BOARDING = "DEMI-PENSIONNAIRE DANS L&apos;ETABLISSEMENT"
_REGIMES = (
    _BOARDING,
    "EXTERNE LIBRE",
    _BOARDING,
    "DEMI-PENSIONNAIRE AU TICKET",
    _BOARDING,
    "EXTERNE SURVEILLE",
    _BOARDING,
    "INTERNE DANS L&apos;ETABLISSEMENT",
    _BOARDING,
)
_FRANCE = "<value>FRANCE</value>"
_NO_ADDRESS = "$$$"
_TWO = tuple(f"{number:02d}" for number in range(100))
_INE_LETTERS = "ABCDEFGHJK"


def ine(join_id: int, authority_number: int) -> str:
    """Nine digits and two letters, different for every id and kept through moves."""
    number = (join_id * 387_420_489 + authority_number * 1_000_003) % 1_000_000_007
    letters = _INE_LETTERS[number % 10] + _INE_LETTERS[join_id % 10]
    return f"{number % 1_000_000_000:09d}{letters}"


def pupil_record(
    pupil: Pupil, *, variant: int, authority_number: int, is_agricultural: bool
) -> str:
    """The record of a pupil; ``variant`` is what a later delivery changes (0: nothing)."""
    join_id = pupil.join_id
    taught = pupil.taught
    home = pupil.home
    surname = pupil.surname
    if taught is None:
        level = pupil.school.classes[pupil.choice % len(pupil.school.classes)].level
        classes = groups = labels = codes = EMPTY
    else:
        level = taught.level
        classes = taught.value
        labels, codes = taught.subjects[pupil.choice]
        groups = taught.option_groups[pupil.choice] + taught.half_groups[join_id % 2]
    if home is None:
        address, postal, town, country, at = _NO_ADDRESS, EMPTY, EMPTY, EMPTY, EMPTY
    else:
        address = f"$${home.street}$" if join_id % 11 == 0 else home.street + "$$$"
        postal = home.town.postal_value
        town = home.town.name_value
        country = _FRANCE
        at = f"<value>{pupil.home_parent}</value>"
    template = PUPIL_AGRICULTURAL if is_agricultural else PUPIL
    return template % (
        join_id,
        join_id,
        ine(join_id, authority_number),
        join_id % 900_001 + 100,
        _birth_date(pupil),
        surname,
        surname,
        pupil.given,
        pupil.other_names,
        pupil.title,
        values(pupil.links),
        "O" if join_id % 8 == 0 else "N",
        _REGIMES[(join_id + variant) % 9],
        "N",
        address,
        postal,
        town,
        country,
        at,
        "APPRENTI" if level.is_apprenticeship else "SCOLAIRE",
        level.mef,
        to_xml(level.label),
        level.training_level,
        level.track,
        labels,
        codes,
        pupil.school.join_id,
        classes,
        groups,
    )


def _birth_date(pupil: Pupil) -> str:
    if pupil.birth is None:
        return ""
    year, month, day = pupil.birth
    return f"{_TWO[day]}/{_TWO[month]}/{year}"


def parent_record(parent: Parent, *, variant: int) -> str:
    """The record of a parent or contact."""
    join_id = parent.join_id
    home = parent.home
    given = parent.given
    hashed = (join_id * 48_271 + variant * 997) % 10_000
    mobile = EMPTY
    if hashed % 29:
        mobile = f"<value>+33 6 39 98 {_TWO[hashed // 100]} {_TWO[hashed % 100]}</value>"
    if given is None or hashed % 2:
        mail = EMPTY
    else:
        mail = f"<value>{parent.mail_name}{join_id % 9973 + variant}@example.invalid</value>"
    if join_id % 10 == 3:
        address, postal, town = _NO_ADDRESS, EMPTY, EMPTY
    else:
        address = home.street + "$$$"
        postal = home.town.postal_value
        town = home.town.name_value
    return PARENT % (
        join_id,
        join_id,
        EMPTY,
        parent.birth_name,
        parent.surname,
        EMPTY if given is None else f"<value>{given.plain}</value>",
        f"<value>{parent.title}</value>" if parent.title else EMPTY,
        "</value><value>".join(map(str, parent.children)),
        f"<value>{home.phone}</value>" if hashed % 3 else EMPTY,
        EMPTY if hashed % 4 else f"<value>{home.phone[:-2]}{_TWO[hashed % 97]}</value>",
        address,
        postal,
        town,
        "FRANCE",
        "O" if hashed % 6 else "N",
        mobile,
        mail,
        mobile if hashed % 5 == 0 else EMPTY,
    )
