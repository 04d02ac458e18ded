"""Persons, the feed records that they own, and their links to schools and to each other."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Collate, Upper

from directory.enums import (
    AccessState,
    Category,
    Degree,
    Profile,
    Relationship,
    Source,
    WaitingKind,
)
from directory.models.schools import Authority, School
from directory.names.folded import LONGEST_SEARCH_KEY, LONGEST_SORT_KEY
from directory.names.matching import match_names, order_by_name
from directory.names.word_index import GivenNames, WordsVector
from ent.pages.labels import function_words
from ent.pages.names import calm_given_name, person_name

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from directory.models.groups import Membership


NURSERY_LEVELS = ("TPS", "PS", "MS", "GS")
"""Levels of nursery school, as feeds of the first degree write them."""


class PersonQuerySet(models.QuerySet["Person"]):
    """Reads of persons; a screen starts from :mod:`directory.rights.walls`."""

    def in_schools(self, schools: Iterable[Any]) -> PersonQuerySet:
        """Persons affiliated to one of *schools*, each once."""
        return self.filter(pk__in=Affiliation.objects.filter(school__in=schools).values("person"))

    def matching(self, typed: str, *, is_narrow: bool = False) -> PersonQuerySet:
        """Persons of whose names some word begins with each word typed."""
        return match_names(self, typed, is_narrow=is_narrow)

    def in_name_order(self, *, descending: bool = False) -> PersonQuerySet:
        """By family name then given name, folded, in byte order, which the index has."""
        return order_by_name(self, descending=descending)


class Person(models.Model):
    """A human (or an organisation that answers for a pupil), kept through school moves.

    ``login`` and ``access_state`` are shown here and written by ``accounts`` only. The folded
    columns come from :mod:`directory.names.folded`; both imports and forms must fill them.
    ``academies`` is written by the database, whoever writes affiliations. What a feed fills is
    declared in :mod:`directory.imports.columns`; NULL in an array: the feed says nothing.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    profile = models.CharField("profil", max_length=16, choices=Profile.choices)
    title = models.CharField("civilité", max_length=10, blank=True)
    family_name = models.CharField("nom", max_length=100)
    given_name = models.CharField("prénom", max_length=100, blank=True)
    birth_name = models.CharField("nom de naissance", max_length=100, blank=True)
    other_names = models.CharField("autres prénoms", max_length=200, blank=True)
    birth_date = models.DateField("date de naissance", null=True, blank=True)
    ine = models.CharField("INE", max_length=11, blank=True)
    email = models.CharField("courriel", max_length=254, blank=True)
    home_phone = models.CharField("téléphone du domicile", max_length=40, blank=True)
    work_phone = models.CharField("téléphone professionnel", max_length=40, blank=True)
    mobile_phone = models.CharField("téléphone mobile", max_length=40, blank=True)
    address = models.CharField(
        "adresse", max_length=300, blank=True, help_text="Une ligne de l’adresse par ligne."
    )
    postal_code = models.CharField("code postal", max_length=10, blank=True)
    town = models.CharField("commune", max_length=100, blank=True)
    country = models.CharField("pays", max_length=60, blank=True)
    siecle_id = models.CharField(
        "identifiant Siècle",
        max_length=40,
        blank=True,
        help_text="ELEVE_ID : unique dans l’établissement seulement.",
    )
    mef_code = models.CharField("code de la formation (MEF)", max_length=11, blank=True)
    mef_label = models.CharField("formation", max_length=120, blank=True)
    level = models.CharField("niveau de formation", max_length=60, blank=True)
    cycle = models.CharField(
        "cycle", max_length=60, blank=True, default="", db_default="", help_text="Premier degré."
    )
    option_codes = ArrayField(
        models.CharField(max_length=20),
        verbose_name="enseignements suivis",
        null=True,
        blank=True,
        help_text="Codes des matières.",
    )
    boarding = models.CharField("régime", max_length=60, blank=True)
    pupil_status = models.CharField("statut", max_length=30, blank=True)
    post_subjects = ArrayField(
        models.CharField(max_length=120),
        verbose_name="disciplines de poste",
        null=True,
        blank=True,
        help_text="Telles que livrées : libellé$code.",
    )
    taught_mefs = ArrayField(
        models.CharField(max_length=200),
        verbose_name="formations enseignées",
        null=True,
        blank=True,
        help_text="Telles que livrées : structure$code$libellé.",
    )
    child_ids = ArrayField(
        models.CharField(max_length=40),
        verbose_name="élèves cités par le responsable",
        null=True,
        blank=True,
        help_text="Identifiants dans le flux ; les liens eux-mêmes viennent des élèves.",
    )
    main_school = models.ForeignKey(
        School,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="établissement principal",
    )
    login = models.CharField("identifiant", max_length=70, blank=True, editable=False)
    access_state = models.CharField(
        "état", max_length=12, choices=AccessState.choices, default="", blank=True, editable=False
    )
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.FEED)
    left_at = models.DateTimeField(
        "en départ depuis", null=True, blank=True, help_text="Absent du flux : accès fermé."
    )
    sort_key = models.CharField(
        max_length=LONGEST_SORT_KEY,
        editable=False,
        help_text="« nom prénom » replié, pour trier et chercher.",
    )
    search_key = models.CharField(
        max_length=LONGEST_SEARCH_KEY,
        editable=False,
        help_text="Tous les mots des noms, repliés, puis chacun derrière son signe.",
    )
    academies = models.TextField(
        default="",
        db_default="",
        editable=False,
        help_text="« @3 @7 » : les autorités des rattachements ; tenu par la base elle-même.",
    )
    created_at = models.DateTimeField("créé le", auto_now_add=True)

    objects = PersonQuerySet.as_manager()

    if TYPE_CHECKING:
        affiliations: RelatedManager[Affiliation]
        memberships: RelatedManager[Membership]

    class Meta:
        verbose_name = "personne"
        ordering = ["sort_key", "id"]
        indexes = [
            # Byte order on every server. One index serves the first letters and the order; it
            # includes what searches compare, so that reading it in order reads no row.
            models.Index(
                Collate("sort_key", "C"),
                "id",
                name="person_sort_key",
                include=["search_key", "academies", "profile"],
            ),
            # The same for one profile and for one state.
            models.Index(
                "profile",
                Collate("sort_key", "C"),
                "id",
                name="person_profile_sort_key",
                include=["academies"],
            ),
            models.Index(
                "access_state",
                Collate("sort_key", "C"),
                "id",
                name="person_state_sort_key",
                include=["academies"],
            ),
            models.Index(
                Collate("sort_key", "C"),
                "id",
                name="person_leaving_sort_key",
                condition=Q(left_at__isnull=False),
            ),
            GinIndex(WordsVector("search_key", "academies"), name="person_search_words"),
            models.Index(Collate(GivenNames("search_key"), "C"), name="person_given_names"),
            models.Index(fields=["ine"], name="person_ine", condition=~Q(ine="")),
            # `email__iexact` compares upper case: the person of an address that an academy sends.
            models.Index(Upper("email"), name="person_email", condition=~Q(email="")),
            models.Index(fields=["login"], name="person_login", condition=~Q(login="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(profile__in=Profile.values),
                name="person_profile_known",
                violation_error_message="Ce profil n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(access_state__in=AccessState.values),
                name="person_access_state_known",
                violation_error_message="Cet état de compte n’existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"personne {self.uuid}"

    @property
    def shown_given_name(self) -> str:
        """The given name as one writes it; the feeds write those of staff in capitals."""
        return calm_given_name(self.given_name)

    @property
    def full_name(self) -> str:
        """« Prénom Nom », as people are addressed on screens and in mails."""
        return person_name(self.given_name, self.family_name)

    @property
    def state_label(self) -> str:
        """The one state that screens show: leaving comes before the account's own state."""
        if self.left_at:
            return "En départ"
        if self.profile == Profile.CONTACT and self.login:
            return "Accès fermé"
        return self.get_access_state_display()


class Record(models.Model):
    """One object of a feed, known by authority, degree, category and id. Imports rewrite it."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="records")
    degree = models.CharField(max_length=2, choices=Degree.choices)
    category = models.CharField(max_length=16, choices=Category.choices)
    external_id = models.CharField("identifiant dans le flux", max_length=40)
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, blank=True, related_name="records"
    )
    school = models.ForeignKey(
        School, models.CASCADE, null=True, blank=True, related_name="records"
    )
    checksum = models.BinaryField(max_length=16, help_text="Empreinte de l’objet tel que livré.")
    is_present = models.BooleanField(default=True, help_text="Faux : absent du dernier complet.")
    project = models.CharField(
        "projet",
        max_length=60,
        default="",
        db_default="",
        blank=True,
        help_text="Projet du dernier envoi qui l’a livré ; lui seul peut le dire absent.",
    )

    class Meta:
        verbose_name = "objet du flux"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "degree", "category", "external_id"], name="record_key_unique"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(school__isnull=True),
                name="record_person_or_school",
            ),
        ]

    def __str__(self) -> str:
        return f"objet {self.pk}"

    @property
    def join_key(self) -> str:
        """« Clé de jointure » as other systems write it: ``AC-<ACADEMIE>$<id>``."""
        return f"AC-{self.authority.code}${self.external_id}"


class WaitingReference(models.Model):
    """What an object cites and the directory does not know yet: it follows when that arrives.

    Written by imports alone: a complete set reads the object again anyway, a delta does not.
    """

    record = models.ForeignKey(Record, models.CASCADE, related_name="waiting")
    kind = models.CharField(max_length=12, choices=WaitingKind.choices)
    ref = models.CharField("structure ou responsable cité", max_length=40)
    said = models.JSONField("ce qu’en dit l’objet")

    class Meta:
        verbose_name = "référence en attente"
        verbose_name_plural = "références en attente"
        indexes = [models.Index(fields=["ref"], name="waiting_reference_ref")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=WaitingKind.values),
                name="waiting_reference_kind_known",
                violation_error_message="Cette sorte de référence n’existe pas.",
            )
        ]

    def __str__(self) -> str:
        return f"référence {self.pk}"


class Affiliation(models.Model):
    """A person in a school, with one function. Parents are affiliated through their children.

    Every scope of the directory (« School A never sees school B ») goes through this table.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="affiliations")
    school = models.ForeignKey(School, models.CASCADE, related_name="affiliations")
    profile = models.CharField(max_length=16, choices=Profile.choices)
    function_code = models.CharField("fonction", max_length=10, blank=True)
    function_label = models.CharField("libellé de la fonction", max_length=100, blank=True)
    post_code = models.CharField("code du poste", max_length=10, blank=True)
    post_label = models.CharField("libellé du poste", max_length=100, blank=True)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.FEED)

    class Meta:
        verbose_name = "rattachement"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "school", "profile", "function_code", "post_code"],
                name="affiliation_unique",
                violation_error_message="Cette personne a déjà cette fonction ici.",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "profile", "person"], name="affiliation_school_profile")
        ]

    def __str__(self) -> str:
        return f"rattachement {self.pk}"

    @property
    def shown_function(self) -> str:
        """« Direction, adjoint au chef d’établissement », where the feed says it three times."""
        return function_words(self.get_profile_display(), self.function_label, self.post_label)


class Responsibility(models.Model):
    """A pupil's responsible person (``ENTElevePersRelEleve``), with or without legal authority.

    Link and level are kept as delivered too: ``relationship`` and ``level`` are what we read in
    them, and ``is_legal`` is the right that follows from them (``imports/sql/links.sql``).
    """

    guardian = models.ForeignKey(Person, models.CASCADE, related_name="children_links")
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="guardian_links")
    relationship = models.PositiveSmallIntegerField("lien", choices=Relationship.choices)
    level = models.PositiveSmallIntegerField(
        "niveau de responsabilité", help_text="1 : représentant légal ; voir 2-aaf, 3.4."
    )
    delivered_relationship = models.CharField("lien livré", max_length=20, blank=True)
    delivered_level = models.CharField("niveau livré", max_length=20, blank=True)
    is_legal = models.BooleanField("responsable légal", default=False)
    is_financial = models.BooleanField("responsable financier", default=False)
    is_contact = models.BooleanField("personne à contacter", default=False)
    is_payer = models.BooleanField("perçoit les aides", default=False)
    is_home = models.BooleanField("l’élève y habite", default=False)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.FEED)

    class Meta:
        verbose_name = "responsabilité"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["guardian", "pupil"],
                name="responsibility_unique",
                violation_error_message="Cette personne est déjà responsable de cet élève.",
            ),
            models.CheckConstraint(
                condition=~Q(guardian=F("pupil")),
                name="responsibility_two_persons",
                violation_error_message="Une personne n’est pas responsable d’elle-même.",
            ),
        ]

    def __str__(self) -> str:
        return f"responsabilité {self.pk}"
