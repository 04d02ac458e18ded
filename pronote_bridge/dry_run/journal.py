"""What the journal keeps of dry reconciliations: lists are counted, whoever is paired is named."""

from __future__ import annotations

from django.db.models import TextChoices

from ent.audit.vocabulary import vocabulary


@vocabulary(details=("instance", "lists"))
class DryRunAct(TextChoices):
    """Lists that were compared, and pairs made by hand."""

    REQUESTED = "pronote:dry-run:requested", "Rapprochement à blanc demandé"
    COMPARED = "pronote:dry-run:compared", "Rapprochement à blanc fait"
    COLUMNS_CORRECTED = "pronote:columns:corrected", "Colonnes d’une liste de Pronote corrigées"
    EXPORTED = "pronote:dry-run:exported", "Résultat d’un rapprochement à blanc téléchargé"
    DELETED = "pronote:dry-run:deleted", "Rapprochement à blanc supprimé"
    PAIRED = "pronote:pairing:made", "Personne rapprochée à la main de Pronote"
    UNPAIRED = "pronote:pairing:undone", "Rapprochement à la main annulé"
