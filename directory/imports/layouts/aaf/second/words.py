"""Values of the directory's vocabularies that rows hold.

Spelled here because reader processes start without Django; a test compares them with the enums.
"""

from __future__ import annotations

CLASS, GROUP = "classe", "groupe"
PUPIL, CONTACT, TEACHER, HEAD = "eleve", "contact", "enseignant", "direction"
MAIN_TEACHER = "professeur-principal"
