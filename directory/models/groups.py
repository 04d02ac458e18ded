"""Classes, groups, subjects, and who is in them."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Upper

from directory.enums import GroupKind, MembershipRole, Source
from directory.models.persons import Person
from directory.models.schools import Authority, School
from directory.querysets import GroupQuerySet


class Group(models.Model):
    """A class or a group of one school, known by its code (``4E3``)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.CASCADE, related_name="groups")
    kind = models.CharField("nature", max_length=8, choices=GroupKind.choices)
    code = models.CharField("code", max_length=40)
    label = models.CharField("libellé", max_length=120, blank=True)
    sort_key = models.CharField(max_length=60, blank=True, editable=False)
    mef_codes = ArrayField(models.CharField(max_length=11), default=list, blank=True)
    class_codes = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="Pour un groupe : les classes dont il se compose.",
    )
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.FEED)
    is_present = models.BooleanField(default=True, help_text="Faux : absent du dernier complet.")

    objects = GroupQuerySet.as_manager()

    class Meta:
        verbose_name = "classe ou groupe"
        ordering = ["sort_key", "code", "id"]
        constraints = [
            models.UniqueConstraint(fields=["school", "kind", "code"], name="group_code_unique"),
        ]
        # The classes of one code, of every school: as `code__iexact` writes it.
        indexes = [models.Index(Upper("code"), name="group_code")]

    def __str__(self) -> str:
        return self.code


class Membership(models.Model):
    """A person in a class or group: pupil, teacher or form teacher."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    group = models.ForeignKey(
        Group, models.CASCADE, related_name="memberships", db_index=False
    )  # `membership_of_group` begins with it
    role = models.CharField(max_length=24, choices=MembershipRole.choices)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.FEED)

    class Meta:
        verbose_name = "appartenance"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "group", "role"], name="membership_unique"),
        ]
        # The persons of a class are listed without reading a row.
        indexes = [models.Index(fields=["group", "person"], name="membership_of_group")]

    def __str__(self) -> str:
        return f"appartenance {self.pk}"


class Subject(models.Model):
    """A subject of an authority's nomenclature (« matière »)."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="subjects")
    code = models.CharField(max_length=20)
    label = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = "matière"
        ordering = ["label", "code"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "code"], name="subject_code_unique"),
        ]

    def __str__(self) -> str:
        return self.label or self.code


class Teaching(models.Model):
    """A teacher teaches a subject to a class or group."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="teachings")
    group = models.ForeignKey(Group, models.CASCADE, related_name="teachings")
    subject = models.ForeignKey(Subject, models.CASCADE, related_name="teachings")
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.FEED)

    class Meta:
        verbose_name = "enseignement"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "group", "subject"], name="teaching_unique"),
        ]

    def __str__(self) -> str:
        return f"enseignement {self.pk}"
