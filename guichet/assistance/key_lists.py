"""Assigning keys by list: « identifiant;numéro de série », all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.db import transaction

from ent.text.folding import fold
from guichet.agents.models import AcademicCredential
from guichet.agents.uids import normalise_uid
from guichet.assistance.perms import can_act_on
from guichet.assistance.services import DeskAct, RefusedAct, assign_key
from guichet.uploaded_lists import UnreadableList, read_grid

MOST_LINES: Final = 500
"""As many as one request assigns in a few seconds."""
_HEADINGS: Final = ("identifiant", "identifiant academique", "uid", "login")


@dataclass(slots=True)
class KeyList:
    """What was read: (line, identifier, serial), and (line, reason) of each fault."""

    lines: list[tuple[int, str, str]] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)


def read_key_list(content: bytes) -> KeyList:
    """Read the file, CSV or XLSX, with or without a line of headings."""
    found = KeyList()
    seen: dict[str, int] = {}
    for row in read_grid(content).rows:
        number, cells = row.number, row.cells
        if row.is_empty or (number == 1 and fold(cells[0]) in _HEADINGS):
            continue
        uid, serial = normalise_uid(cells[0]), cells[1].upper() if len(cells) > 1 else ""
        if not uid or not serial:
            found.faults.append((number, "Il faut un identifiant et un numéro de série."))
            continue
        again = [
            f"Déjà à la ligne {first}\u00a0: {what}."
            for what in (f"l’identifiant {uid}", f"la clé {serial}")
            if (first := seen.setdefault(what, number)) != number
        ]
        found.faults += [(number, reason) for reason in again]
        if not again:
            found.lines.append((number, uid, serial))
    if not found.lines and not found.faults:
        raise UnreadableList("Ce fichier ne compte aucune ligne.")
    if len(found.lines) > MOST_LINES:
        raise UnreadableList(f"Plus de {MOST_LINES} lignes\u00a0: coupez la liste.")
    return found


def assign_list(found: KeyList, desk: DeskAct) -> list[tuple[int, str]]:
    """Assign every key, or none: return each fault with its line, nothing when it is done."""
    faults = list(found.faults)
    agents = AcademicCredential.objects.of(desk.guichet.authority).select_related(
        "authority", "person"
    )
    known = {
        agent.uid: agent for agent in agents.filter(uid__in=[uid for _, uid, _ in found.lines])
    }
    with transaction.atomic():
        for number, uid, serial in found.lines:
            fault = _assign(known.get(uid), serial, desk)
            if fault:
                faults.append((number, fault))
        if faults:
            transaction.set_rollback(True)
    return sorted(faults)


def _assign(agent: AcademicCredential | None, serial: str, desk: DeskAct) -> str:
    """Assign one key; return why not, "" when it is done."""
    if agent is None:
        return "Aucun agent n’a cet identifiant."
    verdict = can_act_on(desk.actor, agent) if desk.actor is not None else None
    if verdict is not None and not verdict:
        return verdict.reason
    try:
        assign_key(serial, agent, desk)
    except RefusedAct as refused:
        return str(refused)
    return ""
