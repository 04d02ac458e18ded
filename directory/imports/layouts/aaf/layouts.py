"""The layouts that can be read, by degree."""

from __future__ import annotations

from directory.imports.layouts.aaf.first.layout import FIRST
from directory.imports.layouts.aaf.second.layout import SECOND
from directory.imports.layouts.aaf.university.layout import UNIVERSITY

LAYOUTS = {layout.degree: layout for layout in (FIRST, SECOND, UNIVERSITY)}
