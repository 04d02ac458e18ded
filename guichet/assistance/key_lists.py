"""Assigning keys by list: « identifiant;numéro de série », all of it or nothing."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Final

from django.db import transaction

from ent.text.folding import fold
from guichet.agents.models import AcademicCredential
from guichet.agents.uids import normalise_uid
from guichet.assistance.perms import can_act_on
from guichet.assistance.services import DeskAct, RefusedAct, assign_key

MOST_LINES: Final = 500
"""As many as one request assigns in a few seconds."""
_HEADINGS: Final = ("identifiant", "identifiant academique", "uid", "login")


class UnreadableList(Exception):
    """Nothing of the file can be used; the argument says why, in French."""


@dataclass(slots=True)
class KeyList:
    """What was read: (line, identifier, serial), and (line, reason) of each fault."""

    lines: list[tuple[int, str, str]] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)


def read_key_list(content: bytes) -> KeyList:
    """Read the file, `;` or `,` between the two columns, with or without a line of headings."""
    try:
        text = content.decode("utf-8-sig")
        head = text.split("\n", 1)[0]
        rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in head else ","))
    except (UnicodeDecodeError, csv.Error):
        raise UnreadableList(
            "Ce fichier n’est pas un CSV en UTF-8\u00a0: deux colonnes, identifiant et numéro de "
            "série."
        ) from None
    found = KeyList()
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and fold(cells[0]) in _HEADINGS):
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
