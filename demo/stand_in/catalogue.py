"""Which services the stand-in plays: plain data, read by it and by the demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One service: the first segment of its path, its name, and what its page says."""

    code: str
    name: str
    words: str
    page: str
    icon: str


PLAYED: Final = (
    Played(
        code="textes",
        name="Cahier de textes",
        words="Le travail à faire, cours par cours",
        page="Pour demain : exercices 12 et 14 page 87, et la lecture du chapitre 3.",
        icon="book",
    ),
    Played(
        code="mediatheque",
        name="Médiathèque",
        words="Emprunter, réserver, prolonger",
        page="Deux livres à rendre avant vendredi. Votre réservation est arrivée.",
        icon="school",
    ),
    Played(
        code="manuels",
        name="Manuels numériques",
        words="Les manuels de l’année, à l’écran",
        page="Mathématiques, anglais, histoire-géographie : trois manuels sont ouverts.",
        icon="file",
    ),
    Played(
        code="salle",
        name="Salle des professeurs",
        words="Réservations, comptes rendus, planning",
        page="Prochain conseil d’enseignement : mardi à 17 h 30, salle B12.",
        icon="users",
    ),
)
