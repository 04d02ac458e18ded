"""Feeds shout, pages do not."""

from __future__ import annotations

import pytest

from ent.pages.names import calm_name


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
        ("", ""),
    ],
)
def test_capitals_become_a_name_that_one_reads(delivered: str, shown: str) -> None:
    """What was not shouted is left as it was typed."""
    assert calm_name(delivered) == shown
