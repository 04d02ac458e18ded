"""The ledger of deliveries and what each import has to say about them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from directory.enums import AnomalySeverity, Degree, DeliveryMode, DeliveryState
from directory.models.schools import Authority


class Delivery(models.Model):
    """One set of files of one authority, from its arrival to its application or refusal."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="deliveries")
    degree = models.CharField(max_length=2, choices=Degree.choices, default=Degree.SECOND)
    mode = models.CharField(max_length=8, choices=DeliveryMode.choices)
    generated_on = models.DateField("date des fichiers", null=True, blank=True)
    checksum = models.CharField("empreinte des fichiers", max_length=64, blank=True)
    scope = models.CharField(
        "niveau",
        max_length=8,
        blank=True,
        help_text="UAI d’un envoi d’établissement ; vide : académie.",
    )
    project = models.CharField(
        "projet",
        max_length=60,
        blank=True,
        db_default="",
        help_text="Ce qui précède « _Complet » ou « _Delta » dans les noms, sans l’UAI.",
    )
    label = models.CharField("nom de l’envoi", max_length=200, blank=True)
    uploads = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        help_text="Fichiers déposés : nom, et référence du fichier chiffré.",
    )
    covered = models.JSONField(
        default=list, blank=True, help_text="UAI des établissements couverts par cet envoi."
    )
    guard = models.JSONField(
        default=dict, blank=True, help_text="Départs prévus, et ce que le garde-fou en dit."
    )
    state = models.CharField(
        "état", max_length=16, choices=DeliveryState.choices, default=DeliveryState.RECEIVED
    )
    job_uuid = models.UUIDField(null=True, blank=True)
    counters = models.JSONField(default=dict, blank=True)
    refusal = models.TextField("motif du refus", blank=True)
    started_by = models.UUIDField("lancé par", null=True, blank=True)
    confirmed_by = models.UUIDField("départs confirmés par", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "livraison"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(applied_at__isnull=False) | ~Q(state=DeliveryState.APPLIED),
                name="delivery_applied_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"livraison {self.uuid}"


class Anomaly(models.Model):
    """Something in a delivery that a person should know, with where it stands."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="anomalies")
    severity = models.CharField(max_length=8, choices=AnomalySeverity.choices)
    code = models.CharField(max_length=40)
    file = models.CharField("fichier", max_length=200, blank=True)
    line = models.PositiveIntegerField("ligne", null=True, blank=True)
    object_id = models.CharField("objet", max_length=40, blank=True)
    school_uai = models.CharField("UAI", max_length=8, blank=True)
    message = models.CharField("explication", max_length=500)

    class Meta:
        verbose_name = "anomalie"
        ordering = ["id"]
        indexes = [models.Index(fields=["delivery", "code"], name="anomaly_delivery_code")]

    def __str__(self) -> str:
        return f"anomalie {self.pk}"
