"""Counters of sign-in tries. Keys are keyed hashes: no login and no address stands here."""

from __future__ import annotations

from django.db import models

from signin.enums import Realm


class ThrottleCounter(models.Model):
    """Tries of one login (or of one known device for one login), and the wait they earned."""

    key = models.BinaryField(max_length=32, primary_key=True)
    login = models.BinaryField(max_length=32, db_index=True)
    tries = models.PositiveIntegerField("essais")
    blocked_until = models.DateTimeField("en attente jusqu’à", null=True, blank=True)
    last_try_at = models.DateTimeField("dernier essai")

    class Meta:
        verbose_name = "compteur d’essais"
        verbose_name_plural = "compteurs d’essais"
        indexes = [models.Index(fields=["last_try_at"], name="throttle_last_try_at")]

    def __str__(self) -> str:
        return "compteur d’essais"


class ThrottleShare(models.Model):
    """How many of a login's tries came from one address: what a success from there takes back."""

    key = models.BinaryField(max_length=32, primary_key=True)
    login = models.BinaryField(max_length=32, db_index=True)
    tries = models.PositiveIntegerField("essais")
    given_back = models.PositiveIntegerField("essais repris par une réussite", default=0)
    last_try_at = models.DateTimeField("dernier essai")

    class Meta:
        verbose_name = "part d’une adresse"
        indexes = [models.Index(fields=["last_try_at"], name="throttle_share_last_try_at")]

    def __str__(self) -> str:
        return "part d’une adresse"


class AddressTry(models.Model):
    """What one login did from one address: the distinct accounts of the address rule."""

    realm = models.CharField("domaine", max_length=10, choices=Realm.choices)
    address = models.BinaryField(max_length=32)
    login = models.BinaryField(max_length=32)
    failures = models.PositiveIntegerField("échecs", default=0)
    last_failure_at = models.DateTimeField("dernier échec", null=True, blank=True)
    last_success_at = models.DateTimeField("dernière réussite", null=True, blank=True)
    last_try_at = models.DateTimeField("dernier essai")

    class Meta:
        verbose_name = "essais depuis une adresse"
        constraints = [
            models.UniqueConstraint(fields=["address", "login"], name="address_try_unique"),
        ]
        indexes = [
            models.Index(fields=["address", "last_try_at"], name="address_try_recent"),
            models.Index(fields=["realm", "last_try_at"], name="address_try_last_try_at"),
        ]

    def __str__(self) -> str:
        return "essais depuis une adresse"


class SlowAddress(models.Model):
    """An address under the address rule: since when, and when its next paced try may come."""

    address = models.BinaryField(max_length=32, primary_key=True)
    alerted_at = models.DateTimeField("signalée le")
    next_try_at = models.DateTimeField("prochain essai")

    class Meta:
        verbose_name = "adresse ralentie"
        verbose_name_plural = "adresses ralenties"

    def __str__(self) -> str:
        return "adresse ralentie"
