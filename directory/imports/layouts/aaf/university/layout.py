"""What a reading of a university's LDAP directory looks like, once it is written down.

A reading is kept in the envelope of AAF files (`directory.imports.university.snapshot`), so that it
is staged, compared, held back and reported as any delivery is. Kept columns have the names that
files of the second degree give them; the others are below.
"""

from __future__ import annotations

from directory.imports.columns import STAFF
from directory.imports.layouts.aaf.common.layout import CategoryLayout, Layout
from directory.imports.layouts.aaf.second.structures import StructureRows
from directory.imports.layouts.aaf.university.members import MemberRows

_STRUCTURE = CategoryLayout(
    category="EtabEducNat",
    operational=("categorieStructure", "EtabEducNat"),
    builder=StructureRows,
    is_required=True,
    single={"ENTStructureUAI": 20, "ENTStructureNomCourant": 160},
    multiple=frozenset({"ENTStructureClasses", "ENTStructureGroupes"}),
)
_MEMBERS = CategoryLayout(
    category=STAFF,
    operational=("categoriePersonne", STAFF),
    builder=MemberRows,
    is_required=True,
    single={"ENTPersonStructRattach": 40, "profile": 16, "function": 100},
    multiple=frozenset({"programmes", "components"}),
)
#: The degree is that of `directory.enums.Degree.UNIVERSITY`; readers start without Django.
UNIVERSITY = Layout(degree="UN", categories=(_STRUCTURE, _MEMBERS))
