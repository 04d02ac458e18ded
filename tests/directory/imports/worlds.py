"""A small academy that changes at random, and what an import makes of it, by record key."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from hypothesis import strategies as st

from tests.directory.imports.deliveries import Delivery, SchoolOf

SCHOOLS = ("100", "200", "300")
PUPILS = tuple(str(number) for number in range(1, 11))
GUARDIANS = tuple(str(number) for number in range(1001, 1011))
STAFF = tuple(str(number) for number in range(5001, 5007))
CLASSES = ("6A", "3A", "5B")
GROUPS = ("6A GR1", "LATIN")
LINKS = ("1$0$1$1$0", "2$0$2$1$0", "10$1$1$0$1", "20$0$1$0$0", "39$0$0$1$0", "51$0$1$0$0")
FUNCTIONS = (
    "DIR$DIRECTION$D0010$PRINCIPAL", "ENS$ENSEIGNEMENT$L0422$ANGLAIS", "-$SANS OBJET$-$SANS OBJET",
    "EDU$EDUCATION$E0030$CPE",
)  # fmt: skip
NAMES = ("Zoé", "Léa", "")
ANCHOR = "99"
"""A pupil who never leaves: a complete set is never empty."""
ANCHOR_GUARDIAN = "1099"

Edit = tuple[str, int, int, int]
Step = tuple[str, list[Edit]]


@dataclass
class World:
    """The state that the academy knows; edits change it, :meth:`delivery` writes it."""

    schools: dict[str, SchoolOf] = field(default_factory=dict)
    pupils: dict[str, dict[str, Any]] = field(default_factory=dict)
    guardians: dict[str, str] = field(default_factory=dict)
    """Their given names."""
    staff: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def first(cls) -> World:
        """Two schools, eight pupils with a mother each, four members of staff."""
        world = cls()
        for ref in SCHOOLS[:2]:
            world.schools[ref] = _school(ref)
        world.pupils[ANCHOR] = _pupil("100", links=[f"{ANCHOR_GUARDIAN}$10$1$1$0$1"])
        world.guardians[ANCHOR_GUARDIAN] = "Zoé"
        for number, pupil in enumerate(PUPILS[:8]):
            world.pupils[pupil] = _pupil(
                SCHOOLS[number % 2], links=[f"{GUARDIANS[number]}$10$1$1$0$1"]
            )
            world.guardians[GUARDIANS[number]] = "Zoé"
        for number, member in enumerate(STAFF[:4]):
            world.staff[member] = _member(SCHOOLS[number % 2], FUNCTIONS[number % 2])
        return world

    def edit(self, edits: Iterable[Edit]) -> None:
        """Change the state."""
        for kind, one, two, three in edits:
            EDITS[kind](self, one, two, three)

    def delivery(self, day: int) -> Delivery:
        """Everything, as a complete set of that day."""
        made = Delivery(
            schools=[dataclasses.replace(school) for school in self.schools.values()],
            date=f"202609{day:02d}",
        )
        for identifier, given_name in self.guardians.items():
            made.guardian(identifier, givenName=given_name)
        for identifier, pupil in self.pupils.items():
            made.pupil(
                identifier,
                school=pupil["school"],
                guardians=pupil["links"] or [""],
                ENTPersonStructRattach=pupil["school"],
                ENTEleveClasses=pupil["classes"] or "",
                ENTEleveGroupes=pupil["groups"] or "",
                sn=pupil["name"],
            )
        for identifier, member in self.staff.items():
            made.member(
                identifier,
                functions=member["functions"],
                ENTAuxEnsClasses=member["classes"] or "",
                ENTAuxEnsClassesMatieres=member["teachings"] or "",
                ENTAuxEnsClassesPrincipal=member["principal"] or "",
            )
        return made


def _school(ref: str) -> SchoolOf:
    return SchoolOf(
        ref=ref, uai=f"05400{ref[0]}0{'ABC'[SCHOOLS.index(ref)]}", name=f"CLG$N{ref}$NANCY"
    )


def _pupil(school: str, *, links: list[str]) -> dict[str, Any]:
    return {
        "school": school,
        "classes": [f"{school}$6A"] if school else [],
        "groups": [],
        "links": links,
        "name": "NOM",
    }


def _member(school: str, function: str) -> dict[str, Any]:
    return {
        "functions": [f"{school}${function}"],
        "classes": [],
        "teachings": [f"{school}$6A$030201"],
        "principal": [],
    }


def _pick(values: Iterable[str], number: int) -> str:
    found = list(values)
    return found[number % len(found)]


def _any_pupil(world: World, number: int) -> dict[str, Any]:
    return world.pupils[_pick(world.pupils, number)]


def _add_or_remove_pupil(world: World, one: int, two: int, three: int) -> None:
    identifier = _pick(PUPILS, one)
    if world.pupils.pop(identifier, None) is None:
        guardian = _pick(GUARDIANS, three)
        world.pupils[identifier] = _pupil(_pick(SCHOOLS, two), links=[f"{guardian}$10$1$1$0$1"])


def _move_pupil(world: World, one: int, two: int, three: int) -> None:
    pupil = _any_pupil(world, one)
    pupil["school"] = _pick((*SCHOOLS, ""), two)
    pupil["classes"] = [f"{pupil['school']}${_pick(CLASSES, three)}"] if pupil["school"] else []


def _second_school(world: World, one: int, two: int, three: int) -> None:
    _any_pupil(world, one)["groups"] = [f"{_pick(SCHOOLS, two)}${_pick(GROUPS, three)}"]


def _link(world: World, one: int, two: int, three: int) -> None:
    pupil, guardian = _any_pupil(world, one), _pick(GUARDIANS, two)
    others = [link for link in pupil["links"] if link.split("$")[0] != guardian]
    pupil["links"] = [*others, f"{guardian}${_pick(LINKS, three)}"][-3:]


def _unlink(world: World, one: int, two: int, _three: int) -> None:
    pupil = _any_pupil(world, one)
    pupil["links"] = pupil["links"][: two % 2]


def _name_guardian(world: World, one: int, two: int, _three: int) -> None:
    world.guardians[_pick(world.guardians, one)] = _pick(NAMES, two)


def _add_or_remove_guardian(world: World, one: int, two: int, _three: int) -> None:
    identifier = _pick(GUARDIANS, one)
    if world.guardians.pop(identifier, None) is None:
        world.guardians[identifier] = _pick(NAMES, two)


def _add_or_remove_school(world: World, one: int, _two: int, _three: int) -> None:
    ref = _pick(SCHOOLS[1:], one)
    if world.schools.pop(ref, None) is None:
        world.schools[ref] = _school(ref)


def _describe_classes(world: World, one: int, two: int, _three: int) -> None:
    school = world.schools[_pick(world.schools, one)]
    school.classes = [f"{code}${code} label{two}$10010012110" for code in CLASSES[: two % 3 + 1]]
    school.groups = [f"{code}$$6A" for code in GROUPS[: two % 3]]


def _add_or_remove_member(world: World, one: int, two: int, three: int) -> None:
    identifier = _pick(STAFF, one)
    if world.staff.pop(identifier, None) is None:
        world.staff[identifier] = _member(_pick(SCHOOLS, two), _pick(FUNCTIONS, three))


def _function(world: World, one: int, two: int, three: int) -> None:
    if world.staff:
        member = world.staff[_pick(world.staff, one)]
        added = f"{_pick(SCHOOLS, two)}${_pick(FUNCTIONS, three)}"
        member["functions"] = [*[f for f in member["functions"] if f != added][-1:], added]


def _teach(world: World, one: int, two: int, three: int) -> None:
    if world.staff:
        member = world.staff[_pick(world.staff, one)]
        place = f"{_pick(SCHOOLS, two)}${_pick(CLASSES, three)}"
        member[("classes", "teachings", "principal")[three % 3]] = [
            f"{place}$030201" if three % 3 == 1 else place
        ]


def _rename_pupil(world: World, one: int, two: int, _three: int) -> None:
    _any_pupil(world, one)["name"] = f"NOM{'ABC'[two % 3]}"


EDITS: dict[str, Callable[[World, int, int, int], None]] = {
    "pupil": _add_or_remove_pupil,
    "move": _move_pupil,
    "second_school": _second_school,
    "link": _link,
    "unlink": _unlink,
    "given_name": _name_guardian,
    "guardian": _add_or_remove_guardian,
    "school": _add_or_remove_school,
    "classes": _describe_classes,
    "member": _add_or_remove_member,
    "function": _function,
    "teach": _teach,
    "name": _rename_pupil,
}

_numbers = st.integers(0, 11)
edits = st.tuples(st.sampled_from(sorted(EDITS)), _numbers, _numbers, _numbers)
deliveries = st.tuples(
    st.sampled_from(("complete", "delta", "partial")), st.lists(edits, max_size=5)
)
histories = st.lists(deliveries, min_size=2, max_size=6)
"""What is edited before each delivery, and how that is delivered; the first set is complete."""
short_histories = st.lists(deliveries, min_size=2, max_size=3)

_KEY = "r.category || ' ' || r.external_id"
_OF_RECORDS = (
    "FROM directory_record r JOIN directory_person p ON p.id = r.person_id AND p.left_at IS NULL"
)
_QUERIES = {
    # Of several schools the main one is the first that was known.
    "persons": f"""SELECT {_KEY}, p.profile, p.family_name, p.given_name,
        CASE WHEN (SELECT count(DISTINCT school_id) FROM directory_affiliation f
                   WHERE f.person_id = p.id) < 2 THEN s.uai END,
        EXISTS (SELECT 1 FROM accounts_account c WHERE c.person_id = p.id)
            AND p.profile <> 'contact'
            AND EXISTS (SELECT 1 FROM directory_affiliation f WHERE f.person_id = p.id)
        {_OF_RECORDS} LEFT JOIN directory_school s ON s.id = p.main_school_id""",
    "schools of persons": f"""SELECT {_KEY}, s.uai, a.profile, a.function_code, a.post_code
        {_OF_RECORDS} JOIN directory_affiliation a ON a.person_id = p.id
        JOIN directory_school s ON s.id = a.school_id""",
    "classes of persons": f"""SELECT {_KEY}, s.uai, g.kind, g.code, m.role, g.is_present
        {_OF_RECORDS} JOIN directory_membership m ON m.person_id = p.id
        JOIN directory_group g ON g.id = m.group_id
        JOIN directory_school s ON s.id = g.school_id""",
    "subjects taught": f"""SELECT {_KEY}, s.uai, g.code, b.code
        {_OF_RECORDS} JOIN directory_teaching t ON t.person_id = p.id
        JOIN directory_subject b ON b.id = t.subject_id
        JOIN directory_group g ON g.id = t.group_id
        JOIN directory_school s ON s.id = g.school_id""",
    "links": f"""SELECT {_KEY}, q.external_id, l.relationship, l.level, l.is_legal, l.is_financial,
            l.is_contact, l.is_payer, l.delivered_relationship, l.delivered_level
        {_OF_RECORDS} JOIN directory_responsibility l ON l.guardian_id = p.id
        JOIN directory_person k ON k.id = l.pupil_id AND k.left_at IS NULL
        JOIN directory_record q ON q.person_id = k.id""",
    "roles": f"""SELECT {_KEY}, o.role, s.uai {_OF_RECORDS}
        JOIN directory_rolegrant o ON o.person_id = p.id AND o.withdrawn_at IS NULL
        JOIN directory_school s ON s.id = o.school_id""",
    "classes": """SELECT s.uai, g.kind, g.code FROM directory_group g
        JOIN directory_school s ON s.id = g.school_id WHERE g.is_present""",
    "open schools": "SELECT uai FROM directory_school WHERE is_active",
}

Snapshot = dict[str, set[tuple[Any, ...]]]


def snapshot() -> Snapshot:
    """Who is there with which rights, links, classes and accounts, by record key."""
    found: Snapshot = {}
    with connection.cursor() as cursor:
        for name, query in _QUERIES.items():
            cursor.execute(query)
            found[name] = set(cursor.fetchall())
    return found


def differences(here: Snapshot, fresh: Snapshot) -> str:
    """What a history left that a fresh import does not give, and what it lacks."""
    lines = []
    for name, rows in fresh.items():
        lines += [f"{name}: too much {row}" for row in sorted(here[name] - rows, key=repr)]
        lines += [f"{name}: lacks {row}" for row in sorted(rows - here[name], key=repr)]
    return "\n".join(lines)
