"""What an authority's guichet looks like and which rules it has: all of it data."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from directory.models import Authority
from guichet.enums import PageVariant

COLOUR = r"^#[0-9a-f]{6}$"
METHOD_VALUE = r"^[A-Za-z0-9:/._-]{1,120}$"


class Guichet(models.Model):
    """One authority's own door. A process serves one (`GUICHET_AUTHORITY`)."""

    authority = models.OneToOneField(Authority, models.PROTECT, related_name="guichet")
    name = models.CharField("nom affiché", max_length=80)
    colour = models.CharField(
        "couleur", max_length=7, default="#1b3263", validators=[RegexValidator(COLOUR)]
    )
    logo = models.BinaryField("logo (PNG)", null=True, blank=True, max_length=200_000)
    variant = models.CharField(
        "page", max_length=12, choices=PageVariant.choices, default=PageVariant.CHOICE
    )
    pin_digits = models.PositiveSmallIntegerField(
        "chiffres du code PIN",
        default=6,
        validators=[MinValueValidator(4), MaxValueValidator(8)],
    )
    first_use_days = models.PositiveSmallIntegerField(
        "jours pour une première utilisation", default=30
    )
    cancelled_pin_hours = models.PositiveSmallIntegerField(
        "heures pour choisir un nouveau code PIN", default=24
    )
    travel_days = models.PositiveSmallIntegerField(
        "jours de mot de passe de secours pendant l’envoi d’une nouvelle clé", default=0
    )
    rescue_counts_as_key = models.BooleanField(
        "le mot de passe de secours vaut la clé", default=False
    )
    professional_mail_recovers = models.BooleanField(
        "la messagerie professionnelle sert au mot de passe oublié", default=False
    )
    accepts_short_intervals = models.BooleanField("clés de 30 secondes acceptées", default=False)
    accepts_eight_digits = models.BooleanField("clés de 8 chiffres acceptées", default=False)
    functions_with_key = ArrayField(
        models.CharField(max_length=80),
        verbose_name="fonctions qui exigent la clé",
        default=list,
        blank=True,
    )
    method_parameter = models.CharField(
        "paramètre de la méthode", max_length=60, default="authn_method"
    )
    method_attribute = models.CharField(
        "attribut de la méthode", max_length=60, default="authenticationMethod"
    )
    password_method = models.CharField(
        "valeur pour le mot de passe",
        max_length=120,
        default="mot-de-passe",
        validators=[RegexValidator(METHOD_VALUE)],
    )
    key_method = models.CharField(
        "valeur pour la clé",
        max_length=120,
        default="cle-otp",
        validators=[RegexValidator(METHOD_VALUE)],
    )
    security_text = models.TextField("infos sécurité", blank=True)
    charter_text = models.TextField("charte d’usage", blank=True)

    class Meta:
        verbose_name = "guichet"
        constraints = [
            models.CheckConstraint(
                condition=Q(colour__regex=COLOUR),
                name="guichet_colour",
                violation_error_message="Une couleur s’écrit #1b3263.",
            ),
            models.CheckConstraint(
                condition=Q(pin_digits__gte=4, pin_digits__lte=8),
                name="guichet_pin_digits",
                violation_error_message="Un code PIN compte de 4 à 8 chiffres.",
            ),
            models.CheckConstraint(
                condition=Q(variant__in=PageVariant.values),
                name="guichet_variant_known",
                violation_error_message="Cette page n’existe pas.",
            ),
            models.CheckConstraint(
                condition=~Q(password_method=models.F("key_method")),
                name="guichet_methods_differ",
                violation_error_message="Mot de passe et clé portent deux noms différents.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
