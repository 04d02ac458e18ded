"""Classes, groups, subjects, and who is in them."""

from __future__ import annotations

import uuid
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from directory.enums import GroupKind, MembershipRole, Source
from directory.models.persons import Person
from directory.models.schools import Authority, School
from ent.pages.labels import calm_label, is_level, subject_words
from ent.text.folding import fold, without_accents


class GroupQuerySet(models.QuerySet["Group"]):
    """Reads of classes and groups."""

    def matching(self, typed: str) -> Self:
        """Groups by the beginning of their code, or by words of their label or school.

        The feeds write labels without accents, screens with them: both are found as typed.
        """
        typed = typed.strip()
        own = Q(code__istartswith=typed) | Q(label__icontains=typed)
        own |= Q(label__icontains=without_accents(typed))
        words = fold(typed).split()
        if not words:
            return self.filter(own)
        in_school = Q()
        for word in words:
            in_school &= Q(school__search_key__contains=word)
        return self.filter(own | in_school)


class Group(models.Model):
    """A class or a group of one school, known by its code (``4E3``).

    In the first degree the feed knows it by ``feed_id``, and the code is what people read: the
    label, with its number where two share it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.CASCADE, related_name="groups")
    kind = models.CharField("nature", max_length=8, choices=GroupKind.choices)
    code = models.CharField("code", max_length=40)
    feed_id = models.CharField(
        max_length=30,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="Premier degré : le numéro qui reste, quand ce qu’on lit change.",
    )
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
    is_described = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Faux : connu par ceux qui le citent seulement, fermé avec le dernier.",
    )
    is_present = models.BooleanField(default=True, help_text="Faux : absent du dernier complet.")

    objects = GroupQuerySet.as_manager()

    class Meta:
        verbose_name = "classe ou groupe"
        ordering = ["sort_key", "code", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "kind", "code"],
                name="group_code_unique",
                violation_error_message="Une classe ou un groupe porte déjà ce code ici.",
            ),
        ]
        # `code__iexact` compares upper case: the classes of a code in all schools.
        indexes = [models.Index(Upper("code"), name="group_code")]

    def __str__(self) -> str:
        return self.code

    @property
    def shown_label(self) -> str:
        """« 3e » for « 3EME »; nothing where the label only repeats the code."""
        return calm_label(self.label) if fold(self.label) != fold(self.code) else ""

    @property
    def shown_kind(self) -> str:
        """« classe de 3e », « classe », « groupe latin débutants »: what stands after the code."""
        kind = self.get_kind_display().lower()
        if not self.shown_label:
            return kind
        if self.kind == GroupKind.CLASS and is_level(self.label):
            return f"{kind} de {calm_label(self.label, is_first=False)}"
        return f"{kind}, {calm_label(self.label, is_first=False)}"


class Membership(models.Model):
    """A person in a class or group: pupil, teacher or form teacher."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    group = models.ForeignKey(
        Group, models.CASCADE, related_name="memberships", db_index=False
    )  # the index `membership_of_group` begins with this column
    role = models.CharField(max_length=24, choices=MembershipRole.choices)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.FEED)
    ends_on = models.DateField(
        "jusqu’au",
        null=True,
        blank=True,
        help_text="Dernier jour d’une appartenance donnée à la main.",
    )

    class Meta:
        verbose_name = "appartenance"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "group", "role"],
                name="membership_unique",
                violation_error_message="Cette personne est déjà dans cette classe ou ce groupe.",
            ),
        ]
        # Lists the persons of a class from the index alone.
        indexes = [models.Index(fields=["group", "person"], name="membership_of_group")]

    def __str__(self) -> str:
        return f"appartenance {self.pk}"


class Subject(models.Model):
    """A subject of an authority's nomenclature (« matière »)."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="subjects")
    code = models.CharField(max_length=20)
    label = models.CharField(max_length=120, blank=True)
    parent_code = models.CharField(
        max_length=20, blank=True, help_text="La matière à laquelle elle se rattache."
    )

    class Meta:
        verbose_name = "matière"
        ordering = ["label", "code"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "code"], name="subject_code_unique"),
        ]

    def __str__(self) -> str:
        return self.label or self.code

    @property
    def shown_label(self) -> str:
        """« éducation musicale »; a subject that the feed does not name says so."""
        return subject_words(self.label, self.code)


class Mef(models.Model):
    """A formation of an authority's nomenclature (« module élémentaire de formation »)."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="mefs")
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=120, blank=True)
    stat_code = models.CharField("code statistique (MEFSTAT11)", max_length=20, blank=True)

    class Meta:
        verbose_name = "formation"
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "code"],
                name="mef_code_unique",
                violation_error_message="Cette autorité a déjà une formation de ce code.",
            ),
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
            models.UniqueConstraint(
                fields=["person", "group", "subject"],
                name="teaching_unique",
                violation_error_message="Cet enseignement existe déjà.",
            ),
        ]

    def __str__(self) -> str:
        return f"enseignement {self.pk}"
