"""Finding a school by what somebody typed, among those that the form may offer."""

from __future__ import annotations

from django import forms
from django.db.models import QuerySet

from directory.models import School


def find_school(schools: QuerySet[School], typed: str) -> School:
    """Return the school of this UAI or name; `ValidationError` says what to type instead."""
    typed = typed.strip()
    exact = schools.filter(uai__iexact=typed).first()
    if exact is not None:
        return exact
    among = School.objects.filter(pk__in=schools.values("pk")).matching(typed)
    found = list(among[:2])
    if len(found) == 1:
        return found[0]
    raise forms.ValidationError(
        "Plusieurs établissements répondent\u00a0: indiquez l’UAI."
        if found
        else "Aucun établissement ne répond à cette recherche."
    )
