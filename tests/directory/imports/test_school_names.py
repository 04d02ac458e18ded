"""Schools bear on screens the names that people use, not those of the files."""

from __future__ import annotations

import pytest

from directory.imports.layouts.aaf.second.school_names import school_name, town_name


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("CLG$DES TROIS RIVIÈRES$MARANCY", "Collège des Trois Rivières"),
        ("CLG$LA PLANTE GRIBÉ$MARANCY", "Collège La Plante Gribé"),
        ("LGT$DE L'ABBAYE$MARANCY", "Lycée de l’Abbaye"),
        ("LP$JEAN-JACQUES D'ARÇON$MARANCY", "Lycée professionnel Jean-Jacques d’Arçon"),
        ("LEGTA$LE CLOS DES VERRIERS$MARANCY", "Lycée agricole Le Clos des Verriers"),
        ("E.E.PU$$AUDEUX", "École élémentaire Audeux"),
        ("CLG$Émile Zola (annexe)$MARANCY", "Collège Émile Zola (annexe)"),
        ("D.S.D.E.N.$DE LA MEUSE$BAR", "D.S.D.E.N. de la Meuse"),
        ("CLG-LES IRIS-ac-LYON", "CLG-LES IRIS"),
        ("CMS$$", "CMS Ailleurs"),
        ("CLG$CLG JEAN MOULIN$MARANCY", "Collège Jean Moulin"),
        ("LGT$LYCEE LOUIS PERGAUD$MARANCY", "Lycée Louis Pergaud"),
        ("", ""),
    ],
)
def test_a_school_is_called_as_people_call_it(raw: str, name: str) -> None:
    assert school_name(raw, "AILLEURS") == name


@pytest.mark.parametrize(
    ("raw", "town"),
    [
        ("L HAY LES ROSES", "L Hay les Roses"),
        ("LA FORGE SUR ORNE", "La Forge sur Orne"),
        ("Nancy", "Nancy"),
        ("", ""),
    ],
)
def test_a_town_begins_with_a_capital(raw: str, town: str) -> None:
    assert town_name(raw) == town
