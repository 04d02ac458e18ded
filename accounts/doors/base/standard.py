"""Doors that every authority starts with; administrators change them afterwards."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from accounts.doors.base.models import Door
from accounts.enums import Audience, DoorKind
from directory.enums import AuthorityKind
from directory.models import Authority
from ent.database.prepared import (
    fetch_one,
    fields_of,
    make_object,
    statement,
)
from ent.text.folding import fold

#: What a sign-in reads of a door.
COLUMNS: Final = fields_of(
    Door,
    *("id", "uuid", "code", "authority_id", "label", "kind", "audiences", "position", "is_open"),
)
#: `Door.asks_for_password`, of a door `d`.
ASKS_FOR_PASSWORD: Final = f"d.kind = '{DoorKind.LOCAL.value}' AND d.is_open"
_FIND: Final = statement(
    f"SELECT {', '.join(COLUMNS)} FROM accounts_door WHERE code = %(code)s::text"  # noqa: S608
)
_VOWELS = "aeiouyhAEIOUYHÉÈÊÀÂÎÔ"
_ACADEMY = "Académie "


def find_door(code: str) -> Door | None:
    """Return the door of this code."""
    row = fetch_one(_FIND, {"code": code})
    return make_object(Door, COLUMNS, row) if row is not None else None


@transaction.atomic
def open_standard_doors(*, authority: Authority) -> list[Door]:
    """Give an authority its first doors; does nothing for those that exist.

    Pupils and parents sign in with an account of the ENT. Teachers and staff sign in through their
    academy, whose door is listed at once and opened when its address is configured.
    """
    label, slug = door_label(authority), fold(authority.code).replace(" ", "-")
    wanted = [
        (f"{slug}-eleves-parents", DoorKind.LOCAL, [Audience.FAMILY], True),
        (f"{slug}-agents", DoorKind.CAS, [Audience.TEACHER, Audience.STAFF], False),
    ]
    position = 200 if authority.kind == AuthorityKind.AGRICULTURAL else 100
    doors = []
    for code, kind, audiences, is_open in wanted:
        door, _ = Door.objects.get_or_create(
            code=code[:60],
            defaults={
                "authority": authority,
                "label": label[:120],
                "kind": kind,
                "audiences": [audience.value for audience in audiences],
                "position": position,
                "is_open": is_open,
            },
        )
        doors.append(door)
    return doors


def door_label(authority: Authority) -> str:
    """Return the words that follow « Élève ou parent »: « de l’académie de Nancy-Metz »."""
    if authority.kind == AuthorityKind.AGRICULTURAL:
        return "des établissements agricoles publics"
    name = authority.name.strip()
    if authority.kind == AuthorityKind.ACADEMY:
        place = name[len(_ACADEMY) :] if name.startswith(_ACADEMY) else f"de {name}"
        return f"de l’académie {place}"
    return f"{'d’' if name[:1] in _VOWELS else 'de '}{name}"
