"""Closed vocabularies of the credential files."""

from __future__ import annotations

from django.db.models import TextChoices


class FileOrigin(TextChoices):
    """Why a file was made."""

    IMPORT = "import", "Alimentation"
    REGENERATION = "regeneration", "Régénération"
    REISSUE = "reemission", "Réémission"


class FileState(TextChoices):
    """Life of a file; whether a waiting one failed is read from its job."""

    WAITING = "attente", "En préparation"
    READY = "pret", "Prêt"
    DELETED = "supprime", "Supprimé"


class FileFormat(TextChoices):
    """The two twins of a file."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"
