"""The principals of a guichet: an authority's agents, with their academic identifier."""

from __future__ import annotations

import uuid
from typing import Literal

from django.db import models
from django.db.models import Q

from directory.models import Authority, Person

UID = r"^[a-z0-9][a-z0-9._-]{0,63}$"


class AcademicCredentialQuerySet(models.QuerySet["AcademicCredential"]):
    """Reads of agents."""

    def of(self, authority: Authority) -> AcademicCredentialQuerySet:
        """Those of one authority."""
        return self.filter(authority=authority)

    def present(self) -> AcademicCredentialQuerySet:
        """Those who have not left."""
        return self.filter(left_at__isnull=True)


class AcademicCredential(models.Model):
    """How an agent signs in to their academy: identifier, password; keys are rows of their own.

    The same identifier in two academies is two rows. `person` is the agent's person in the
    directory, when there is one: roles and services hang on it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="agents")
    person = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="academic_credentials"
    )
    uid = models.CharField("identifiant académique", max_length=64)
    family_name = models.CharField("nom", max_length=100)
    given_name = models.CharField("prénom", max_length=100, blank=True)
    birth_date = models.DateField("date de naissance", null=True, blank=True)
    postal_code = models.CharField("code postal", max_length=10, blank=True)
    email = models.CharField("courriel professionnel", max_length=254, blank=True)
    personal_email = models.CharField("courriel personnel", max_length=254, blank=True)
    personal_email_confirmed_at = models.DateTimeField(
        "courriel personnel confirmé le", null=True, blank=True
    )
    asked_personal_email = models.CharField(
        "courriel personnel à confirmer", max_length=254, blank=True
    )
    phone = models.CharField("téléphone", max_length=40, blank=True)
    join_key = models.CharField("clé de jointure", max_length=80, blank=True)
    function = models.CharField("fonction", max_length=80, blank=True)
    ends_on = models.DateField("dernier jour", null=True, blank=True)
    requires_key = models.BooleanField("clé exigée", default=False)
    password = models.CharField(max_length=128, blank=True)
    must_choose_password = models.BooleanField("doit choisir un mot de passe", default=False)
    code_verifier = models.BinaryField(max_length=36, null=True, blank=True)
    code_generation = models.PositiveIntegerField(default=0)
    code_expires_at = models.DateTimeField("code valable jusqu’à", null=True, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    left_at = models.DateTimeField("parti le", null=True, blank=True)
    last_sign_in_at = models.DateTimeField("dernière connexion", null=True, blank=True)
    sort_key = models.CharField(max_length=220, editable=False)
    created_at = models.DateTimeField("créé le", auto_now_add=True)

    objects = AcademicCredentialQuerySet.as_manager()

    class Meta:
        verbose_name = "agent"
        ordering = ["sort_key", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "uid"],
                name="agent_uid_unique",
                violation_error_message="Cet identifiant désigne déjà un agent.",
            ),
            models.CheckConstraint(
                condition=Q(uid__regex=UID),
                name="agent_uid_written",
                violation_error_message="Un identifiant s’écrit en minuscules, sans accent.",
            ),
            models.CheckConstraint(
                condition=Q(code_verifier__isnull=True) | Q(code_expires_at__isnull=False),
                name="agent_code_expires",
                violation_error_message="Un code remis a une date de fin.",
            ),
        ]
        indexes = [models.Index(fields=["authority", "sort_key"], name="agent_sort_key")]

    def __str__(self) -> str:
        return f"agent {self.uuid}"

    @property
    def full_name(self) -> str:
        """« Prénom NOM » as pages greet."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def is_authenticated(self) -> Literal[True]:
        """Somebody is signed in."""
        return True

    @property
    def is_active(self) -> bool:
        """May they sign in, and a session of theirs go on?"""
        return self.left_at is None
