"""How people call the doors whose codes stand in the journal."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from accounts.doors.base.models import Door


def words_of_doors(codes: Collection[str]) -> Mapping[str, str]:
    """« mot de passe de l’ENT », « portail de l’académie de Reims », by code."""
    return {door.code: door.way_words for door in Door.objects.filter(code__in=codes)}
