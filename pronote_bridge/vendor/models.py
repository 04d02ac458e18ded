"""The vendor's side, kept by ENT administrators: who we are to the vendor, and its public key."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pronote_bridge.enums import EnvelopeKind


class VendorPartner(models.Model):
    """One row for the portal: partner identity, container version, public key, whom to ask.

    Whoever chooses the key can read every file, so no school types one. The identity, the key and
    the version are one set that the vendor gives.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    partner_id = models.CharField("identifiant de partenaire", max_length=80)
    partner_name = models.CharField("nom de partenaire", max_length=120)
    container_version = models.CharField("version du conteneur", max_length=20)
    envelope = models.CharField(
        "enveloppe", max_length=10, choices=EnvelopeKind.choices, default=EnvelopeKind.VENDOR
    )
    support_address = models.CharField("adresse de l’assistance", max_length=254, blank=True)
    mail_subject = models.CharField("objet du courriel", max_length=120, blank=True)
    public_key = models.TextField("clé publique (PEM)", blank=True)
    fingerprint = models.CharField("empreinte", max_length=60, blank=True)
    key_bits = models.PositiveSmallIntegerField("taille de la clé (bits)", default=0)
    key_changed_at = models.DateTimeField("clé du", null=True, blank=True)

    class Meta:
        verbose_name = "éditeur de Pronote"
        verbose_name_plural = "éditeur de Pronote"
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1),
                name="vendor_partner_one_row",
                violation_error_message="Le portail a un seul éditeur de Pronote.",
            ),
            models.CheckConstraint(
                condition=Q(envelope__in=EnvelopeKind.values),
                name="vendor_partner_envelope_known",
                violation_error_message="Choisissez l’une des enveloppes proposées.",
            ),
            models.CheckConstraint(
                condition=Q(public_key="", fingerprint="", key_changed_at__isnull=True)
                | (~Q(public_key="") & ~Q(fingerprint="") & Q(key_changed_at__isnull=False)),
                name="vendor_partner_key_whole",
                violation_error_message="La clé publique se change en entier, avec son empreinte.",
            ),
        ]

    def __str__(self) -> str:
        return "éditeur de Pronote"

    @property
    def is_complete(self) -> bool:
        """Can a file be made: identity, version and key are all known?"""
        return bool(
            self.partner_id and self.partner_name and self.container_version and self.public_key
        )
