"""Roles given to named persons, per school, class or authority, with an optional end date."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from directory.enums import Role, Source
from directory.models.groups import Group
from directory.models.persons import Person
from directory.models.schools import Authority, School


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    """Reads of roles; only those in force give rights."""

    def in_force(self) -> RoleGrantQuerySet:
        """Neither withdrawn nor past their last day (Europe/Paris)."""
        today = timezone.localdate()
        return self.filter(withdrawn_at__isnull=True).filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=today)
        )


class RoleGrant(models.Model):
    """One role of one person within one scope.

    The scope is a school, a class (form teachers), an authority, or the whole portal when all
    three are empty. Heads come from the feed: when an administrator withdraws such a role the
    row stays, withdrawn, so that the next import does not give it back.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="role_grants")
    role = models.CharField("rôle", max_length=32, choices=Role.choices)
    school = models.ForeignKey(School, models.CASCADE, null=True, blank=True, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="+")
    authority = models.ForeignKey(
        Authority, models.CASCADE, null=True, blank=True, related_name="+"
    )
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.MANUAL)
    granted_by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField("donné le", auto_now_add=True)
    expires_on = models.DateField("jusqu’au", null=True, blank=True)
    withdrawn_at = models.DateTimeField("retiré le", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = "rôle donné"
        ordering = ["-granted_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "school", "group", "authority"],
                condition=Q(withdrawn_at__isnull=True),
                nulls_distinct=False,
                name="role_grant_once",
                violation_error_message="Cette personne a déjà ce rôle ici.",
            ),
            models.CheckConstraint(
                condition=(
                    Q(role=Role.ENT_ADMINISTRATOR, school__isnull=True, group__isnull=True)
                    | Q(
                        role__in=[
                            Role.SCHOOL_ADMINISTRATOR,
                            Role.CREDENTIALS_MANAGER,
                            Role.EDITOR,
                        ],
                        school__isnull=False,
                        group__isnull=True,
                        authority__isnull=True,
                    )
                    | Q(role=Role.FORM_TEACHER, group__isnull=False, authority__isnull=True)
                    | Q(role=Role.HELPDESK, authority__isnull=False, school__isnull=True)
                ),
                name="role_grant_scope",
                violation_error_message="Ce rôle ne se donne pas à ce niveau.",
            ),
        ]
        indexes = [models.Index(fields=["person"], name="role_grant_person")]

    def __str__(self) -> str:
        return f"rôle {self.uuid}"
