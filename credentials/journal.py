"""What the journal keeps of credentials on paper."""

from __future__ import annotations

from django.db.models import TextChoices

from ent.audit.vocabulary import vocabulary


@vocabulary(details=("layout",))
class SlipAct(TextChoices):
    """Printings: the request, and each person whose code stands on paper."""

    REQUESTED = "slips:requested", "Fiches d’identifiants demandées"
    PRINTED = "slip:printed", "Fiche d’identifiants imprimée"
    REPRINTED = "slip:reprinted", "Fiche d’identifiants imprimée à nouveau"
    DELETED = "slips:deleted", "Fiches d’identifiants supprimées"
