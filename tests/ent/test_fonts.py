"""The zero is plain among words and numbers, and slashed in what is copied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont

from scripts.plain_zero import FONTS


@pytest.mark.parametrize("path", FONTS, ids=lambda path: path.name)
def test_a_zero_has_no_slash_unless_it_is_asked_for(path: Path) -> None:
    """« 30 septembre 2026 » reads as words; a UAI is told letter from figure."""
    with TTFont(path) as font:
        shown: dict[int, str] = font.getBestCmap()
        features = font["GSUB"].table.FeatureList.FeatureRecord
        slashes = [one.Feature.LookupListIndex for one in features if one.FeatureTag == "zero"]
        changes = _changes(font, slashes[0]) if slashes else {}
        contours = {
            name: font["glyf"][name].numberOfContours
            for name in (shown[ord("0")], changes.get(shown[ord("0")], ""))
            if name
        }
    assert contours == {"zero": 2, "zero.slash": 3}


def _changes(font: Any, lookups: list[int]) -> dict[str, str]:
    found: dict[str, str] = {}
    for index in lookups:
        for table in font["GSUB"].table.LookupList.Lookup[index].SubTable:
            found |= table.mapping
    return found
