"""Instances of Pronote, and which schools each one serves."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from directory.models import School
from pronote_bridge.enums import Extra, ListKind
from sso.models import Service

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


def every_list() -> list[str]:
    """The lists that a new instance includes: all of them."""
    return [kind.value for kind in ListKind]


class InstanceQuerySet(models.QuerySet["Instance"]):
    """Reads of the instances; a screen starts from `pronote_bridge.instances.perms`."""

    def current(self) -> InstanceQuerySet:
        """Those that were not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def serving(self, schools: Iterable[School]) -> InstanceQuerySet:
        """Those that serve one of these schools today."""
        served = InstanceSchool.objects.current().filter(school__in=schools)
        return self.filter(pk__in=served.values("instance"))


class Instance(models.Model):
    """The Pronote of one school, or the one that several schools share.

    Its service holds the identifiers by which Pronote knows people: it outlives changes of address,
    of key and of schools, and PROTECT keeps the catalogue from deleting it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("nom", max_length=80)
    address = models.CharField("adresse de Pronote", max_length=300)
    service = models.ForeignKey(Service, models.PROTECT, related_name="pronote_instances")
    key_school = models.ForeignKey(
        School,
        models.PROTECT,
        related_name="+",
        verbose_name="établissement du fichier",
        help_text="Son UAI nomme le fichier.",
    )
    includes = ArrayField(
        models.CharField(max_length=16, choices=ListKind.choices),
        verbose_name="listes du fichier",
        default=every_list,
    )
    extras = ArrayField(
        models.CharField(max_length=24, choices=Extra.choices),
        verbose_name="données en plus",
        default=list,
        blank=True,
    )
    is_sign_out_notified = models.BooleanField("prévenir à la déconnexion", default=False)
    allowed_by = models.UUIDField("adresse inhabituelle permise par", null=True, blank=True)
    created_by = models.UUIDField("créée par", null=True, blank=True)
    created_at = models.DateTimeField("créée le", auto_now_add=True)
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)

    objects = InstanceQuerySet.as_manager()

    if TYPE_CHECKING:
        memberships: RelatedManager[InstanceSchool]

    class Meta:
        verbose_name = "instance de Pronote"
        verbose_name_plural = "instances de Pronote"
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(includes__contained_by=ListKind.values) & ~Q(includes=[]),
                name="pronote_instance_lists_known",
            ),
            models.CheckConstraint(
                condition=Q(extras__contained_by=Extra.values),
                name="pronote_instance_extras_known",
            ),
            models.UniqueConstraint(
                fields=["service"],
                condition=Q(withdrawn_at__isnull=True),
                name="pronote_service_has_one_instance",
                violation_error_message="Ce service est déjà celui d’une autre instance.",
            ),
        ]

    def __str__(self) -> str:
        return f"instance {self.uuid}"

    @property
    def schools(self) -> list[School]:
        """The schools of today, the key school first, then by name; those of its end if over."""
        rows = self.memberships.select_related("school")
        if self.withdrawn_at is None:
            rows = rows.filter(left_at__isnull=True)
        else:
            rows = rows.filter(left_at=self.withdrawn_at)
        found = [row.school for row in rows]
        return sorted(found, key=lambda one: (one.pk != self.key_school_id, one.name, one.uai))


def schools_by_instance(instances: Iterable[Instance]) -> dict[int, list[School]]:
    """The schools of today of each of these instances, by its key: one statement."""
    found: dict[int, list[School]] = {instance.pk: [] for instance in instances}
    rows = InstanceSchool.objects.current().filter(instance__in=list(found))
    for row in rows.select_related("school").order_by("school__name", "school__uai"):
        found[row.instance_id].append(row.school)
    return found


class InstanceSchoolQuerySet(models.QuerySet["InstanceSchool"]):
    """Which school belongs to which instance, today and before."""

    def current(self) -> InstanceSchoolQuerySet:
        """Those of today."""
        return self.filter(left_at__isnull=True)

    def last_of_schools(self) -> InstanceSchoolQuerySet:
        """The last one of each school: that of today, or the one after which it had no other."""
        later = InstanceSchool.objects.filter(school=OuterRef("school"), pk__gt=OuterRef("pk"))
        return self.filter(~Exists(later))


class InstanceSchool(models.Model):
    """A school in an instance, from a day to another; past rows tell which services it had."""

    instance = models.ForeignKey(Instance, models.CASCADE, related_name="memberships")
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    joined_at = models.DateTimeField("depuis", auto_now_add=True)
    left_at = models.DateTimeField("jusqu’à", null=True, blank=True)

    objects = InstanceSchoolQuerySet.as_manager()

    class Meta:
        verbose_name = "établissement d’une instance"
        verbose_name_plural = "établissements d’une instance"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school"],
                condition=Q(left_at__isnull=True),
                name="pronote_school_has_one_instance",
                violation_error_message="Cet établissement a déjà une instance de Pronote.",
            ),
        ]

    def __str__(self) -> str:
        return f"établissement d’une instance {self.pk}"
