"""Authorities and the schools that they feed."""

from __future__ import annotations

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from directory.enums import AuthorityKind
from directory.querysets import SchoolQuerySet

UAI_PATTERN = r"^[0-9]{7}[A-Z]$"


class Authority(models.Model):
    """An academy, the agricultural network, a university or a local authority."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(
        "code",
        max_length=40,
        help_text="Par exemple NANCY-METZ ; figure dans les clés de jointure (AC-NANCY-METZ$…).",
    )
    name = models.CharField("nom", max_length=120)
    kind = models.CharField("nature", max_length=16, choices=AuthorityKind.choices)
    feed_name = models.CharField(
        "nom dans les fichiers AAF",
        max_length=60,
        blank=True,
        help_text="Valeur de ENTServAcAcademie ; vide : le code de l’autorité.",
    )
    helpdesk_email = models.EmailField("courriel de l’assistance", blank=True)
    helpdesk_phone = models.CharField("téléphone de l’assistance", max_length=30, blank=True)

    class Meta:
        verbose_name = "autorité"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                name="authority_code_unique",
                violation_error_message="Ce code désigne déjà une autorité.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class School(models.Model):
    """A structure listed by a feed; a *school* of ours when it is active.

    A delivery lists every structure around a school (rectorate, inspections): those stay
    inactive. A school becomes active with its first class or pupil, or by an administrator.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="schools")
    uai = models.CharField("UAI", max_length=8, validators=[RegexValidator(UAI_PATTERN)])
    name = models.CharField("nom", max_length=160)
    kind_label = models.CharField("type", max_length=80, blank=True)
    kind_code = models.CharField("code du type", max_length=10, blank=True)
    sector = models.CharField("contrat", max_length=10, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    street = models.CharField("adresse", max_length=200, blank=True)
    post_box = models.CharField("boîte postale", max_length=60, blank=True)
    postal_code = models.CharField("code postal", max_length=10, blank=True)
    town = models.CharField("commune", max_length=100, blank=True)
    phone = models.CharField("téléphone", max_length=40, blank=True)
    fax = models.CharField("télécopie", max_length=40, blank=True)
    email = models.CharField("courriel", max_length=254, blank=True)
    slug = models.SlugField("adresse de la page", max_length=80)
    search_key = models.CharField(
        max_length=400,
        blank=True,
        editable=False,
        help_text="Nom, commune, code postal et UAI repliés (ent.folding).",
    )
    is_active = models.BooleanField("ouvert sur le portail", default=False)
    is_active_by_hand = models.BooleanField("ouvert par un administrateur", default=False)
    created_at = models.DateTimeField("créé le", auto_now_add=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        verbose_name = "établissement"
        ordering = ["name", "uai"]
        constraints = [
            models.UniqueConstraint(
                fields=["uai"],
                name="school_uai_unique",
                violation_error_message="Un établissement porte déjà cette UAI.",
            ),
            models.UniqueConstraint(
                fields=["slug"],
                name="school_slug_unique",
                violation_error_message="Cette adresse de page est déjà prise.",
            ),
            models.CheckConstraint(
                condition=Q(uai__regex=UAI_PATTERN),
                name="school_uai_format",
                violation_error_message="L’UAI compte sept chiffres et une lettre.",
            ),
        ]
        indexes = [models.Index(fields=["authority", "is_active"], name="school_authority_active")]

    def __str__(self) -> str:
        return f"{self.name} ({self.uai})"
