"""Feeds shout, pages do not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ent.pages.french import moment_words, number_words
from ent.pages.names import calm_given_name, calm_name, calm_street, person_name


@pytest.mark.parametrize(
    ("delivered", "shown"),
    [
        ("CLG DU PRÉ SAINT JEAN", "Collège du Pré Saint Jean"),
        ("LGT LE CLOS DES VERRIERS", "Lycée le Clos des Verriers"),
        ("LP ÉMILE-GALLÉ", "Lycée professionnel Émile-Gallé"),
        ("SAINT-DIÉ-DES-VOSGES", "Saint-Dié-des-Vosges"),
        ("L'HAY-LES-ROSES CEDEX 2", "L'Hay-les-Roses CEDEX 2"),
        ("EREA DE TOUL", "EREA de Toul"),
        ("Collège Aristide-Briand", "Collège Aristide-Briand"),
        ("54000", "54000"),
        ("Collège Clg Jean Moulin", "Collège Jean Moulin"),
        ("COLLEGE CLG JEAN MOULIN", "Collège Jean Moulin"),
        ("Lycée Lpa des Vosges", "Lycée professionnel agricole des Vosges"),
        ("Lycée Lycée Poincaré", "Lycée Poincaré"),
        ("Collège La Forge", "Collège La Forge"),
        ("L HAY LES ROSES", "L’Hay les Roses"),
        ("Bains l Abbaye", "Bains l’Abbaye"),
        ("Collège d Alembert", "Collège d’Alembert"),
        ("Bâtiment L", "Bâtiment L"),
        ("EPINAL", "Épinal"),
        ("SAINT DIE DES VOSGES", "Saint Dié des Vosges"),
        ("DIE", "Die"),
        ("L ECLUSE SUR RIVIERE", "L’Écluse sur Rivière"),
        ("VANDOEUVRE LES NANCY", "Vandœuvre les Nancy"),
        ("CHATEAUROUX", "Châteauroux"),
        ("NEUFCHATEAU", "Neufchâteau"),
        ("ROSIERES AUX CHENES", "Rosières aux Chênes"),
        ("Rosieres aux Chenes", "Rosieres aux Chenes"),
        ("CHATOU", "Chatou"),
        ("BRIERES", "Brières"),
        ("LYCEE HENRI POINCARE", "Lycée Henri Poincaré"),
        ("", ""),
    ],
)
def test_capitals_become_a_name_that_one_reads(delivered: str, shown: str) -> None:
    """What was not shouted is left as it was typed."""
    assert calm_name(delivered) == shown


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (datetime(2026, 10, 1, 21, 1, tzinfo=UTC), "1er octobre 2026 à 23\u00a0h\u00a001"),
        (datetime(2026, 9, 11, 6, 5, tzinfo=UTC), "11 septembre 2026 à 8\u00a0h\u00a005"),
    ],
)
def test_a_moment_is_written_as_french_writes_it(when: datetime, expected: str) -> None:
    """8-experience: « 1er octobre », « 23 h 01 », in the time of Paris."""
    assert moment_words(when) == expected


def test_thousands_stand_apart_by_a_narrow_space_that_does_not_break() -> None:
    """8-experience."""
    assert [number_words(n) for n in (4896, 12, 1234567)] == [
        "4\u202f896",
        "12",
        "1\u202f234\u202f567",
    ]


@pytest.mark.parametrize(
    ("delivered", "shown"),
    [
        ("MANON", "Manon"),
        ("JEAN-PIERRE", "Jean-Pierre"),
        ("MARIE DE LOURDES", "Marie de Lourdes"),
        ("DÉSIRÉ", "Désiré"),
        ("M'HAMED", "M'Hamed"),
        ("N’GUESSAN", "N’Guessan"),
        ("ANNE MARIE", "Anne Marie"),
        ("J.-B.", "J.-B."),
        ("LE HOA", "Le Hoa"),
        ("X", "X"),
        ("Élodie", "Élodie"),
        ("McKENZIE", "McKENZIE"),
        ("", ""),
    ],
)
def test_a_given_name_in_capitals_is_written_as_its_bearer_does(delivered: str, shown: str) -> None:
    """Initials, and whatever has one small letter, are left as they are."""
    assert calm_given_name(delivered) == shown


@pytest.mark.parametrize(
    ("delivered", "shown"),
    [
        ("12 RUE DE LA GARE", "12 rue de la Gare"),
        ("1 RUE DE L EGLISE", "1 rue de l’Église"),
        ("3 BIS AVENUE DU GÉNÉRAL LECLERC", "3 bis avenue du Général Leclerc"),
        ("PLACE DE LA MAIRIE", "Place de la Mairie"),
        ("BP 12", "BP 12"),
        ("1 rue X", "1 rue X"),
        ("", ""),
    ],
)
def test_a_street_is_written_as_on_an_envelope_of_today(delivered: str, shown: str) -> None:
    assert calm_street(delivered) == shown


def test_somebody_is_addressed_by_a_given_name_that_is_not_shouted() -> None:
    assert person_name("MONIQUE", "BERNARDIN") == "Monique BERNARDIN"
    assert person_name("", "FOYER DES LILAS") == "FOYER DES LILAS"
