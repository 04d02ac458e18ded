"""Vocabulary of deliveries."""

from __future__ import annotations

from django.db.models import TextChoices


class DeliveryMode(TextChoices):
    """Complete set or delta."""

    COMPLETE = "Complet", "Complet"
    DELTA = "Delta", "Delta"


class DeliveryState(TextChoices):
    """Life of a delivery."""

    RECEIVED = "recue", "Reçue"
    PREVIEWING = "analyse", "Analyse en cours"
    PREVIEWED = "prete", "Prête à appliquer"
    HELD = "retenue", "Retenue : trop de départs"
    APPLYING = "application", "Application en cours"
    APPLIED = "appliquee", "Appliquée"
    REFUSED = "refusee", "Refusée"
    ABANDONED = "abandonnee", "Abandonnée"


OVER = (DeliveryState.APPLIED, DeliveryState.REFUSED, DeliveryState.ABANDONED)
"""Nothing will happen to the delivery any more."""


class AnomalySeverity(TextChoices):
    """How much an anomaly matters."""

    INFO = "info", "Information"
    WARNING = "alerte", "Alerte"
    REJECTED = "rejet", "Objet écarté"
