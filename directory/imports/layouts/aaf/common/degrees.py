"""Which degree a delivery is of: what its files say of themselves, else their names, else what
their objects carry (2-aaf.md, 4.1)."""

from __future__ import annotations

import re

from directory.imports.columns import FIRST_DEGREE, SECOND_DEGREE
from directory.imports.layouts.aaf.common.packages import DeliveryFile, OpenDelivery
from directory.imports.layouts.errors import DeliveryRefused

HEAD_BYTES = 32 * 1024
"""What is read of each file: the header comments and the first objects."""
_DEGREE = re.compile(rb"degre *= *[\"']([12])D[\"']", re.IGNORECASE)
_ANNEX = re.compile(rb"versionSDET *= *[\"'] *Annexe *(1\b|4 ?bis)", re.IGNORECASE)
_NAME = re.compile(r"ENT_?([12])D", re.IGNORECASE)
_OF_FIRST = re.compile(rb'"(?:ENTPersonNom|ENTPersonPrenom|ENTStructureAdresse)"')
_OF_SECOND = re.compile(rb'"(?:sn|givenName|street)"')


def read_degree(opened: OpenDelivery) -> str:
    """The degree of a delivery; the second where no file says it. Two are refused."""
    said = {file.name: degree for file in opened.files if (degree := _degree_of(file))}
    if len(set(said.values())) > 1:
        raise DeliveryRefused(
            "two_degrees",
            "cet envoi mêle des fichiers du premier et du second degré : envoyez-les séparément.",
            file=min(name for name, degree in said.items() if degree == FIRST_DEGREE),
        )
    return next(iter(said.values()), SECOND_DEGREE)


def _degree_of(file: DeliveryFile) -> str:
    with file.path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    comments = head.partition(b"Request>")[0]
    if found := _DEGREE.search(comments):
        return f"{found[1].decode()}D"
    if found := _ANNEX.search(comments):
        return FIRST_DEGREE if found[1] == b"1" else SECOND_DEGREE
    if named := _NAME.search(file.name):
        return f"{named[1]}D"
    of_first, of_second = len(_OF_FIRST.findall(head)), len(_OF_SECOND.findall(head))
    if of_first == of_second:
        return ""
    return FIRST_DEGREE if of_first > of_second else SECOND_DEGREE
