"""What a school's people put on its site, beside its news: pages, hours, a message, files."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from directory.models import Person, School
from portal.enums import FileKind, MessageTone, Weekday

#: What a version or a citation may belong to; exactly one of them.
OWNERS = ("news", "page", "presentation")


def _exactly_one_owner() -> Q:
    found = Q()
    for name in OWNERS:
        alone = Q(**{f"{name}__isnull": False})
        for other in OWNERS:
            if other != name:
                alone &= Q(**{f"{other}__isnull": True})
        found |= alone
    return found


class PracticalPage(models.Model):
    """A page of the school's menu (« Restauration », « Inscriptions »…), read by everybody."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.CASCADE, related_name="practical_pages")
    slug = models.SlugField("adresse", max_length=60)
    title = models.CharField("titre", max_length=60)
    body = models.TextField("texte", blank=True)
    position = models.PositiveSmallIntegerField("ordre", default=0)
    is_published = models.BooleanField("publiée", default=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField("créée le", auto_now_add=True)
    updated_at = models.DateTimeField("modifiée le", auto_now=True)

    class Meta:
        verbose_name = "page pratique"
        verbose_name_plural = "pages pratiques"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "slug"],
                name="practical_page_slug_unique",
                violation_error_message="Une page de l’établissement a déjà cette adresse.",
            ),
        ]

    def __str__(self) -> str:
        return f"page pratique {self.uuid}"


class OpeningPeriod(models.Model):
    """When the school is open, one row for each stretch of a day."""

    school = models.ForeignKey(School, models.CASCADE, related_name="opening_periods")
    weekday = models.PositiveSmallIntegerField("jour", choices=Weekday.choices)
    opens = models.TimeField("ouverture")
    closes = models.TimeField("fermeture")

    class Meta:
        verbose_name = "horaire d’ouverture"
        verbose_name_plural = "horaires d’ouverture"
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")),
                name="opening_closes_after_it_opens",
                violation_error_message="La fermeture vient après l’ouverture.",
            ),
            models.UniqueConstraint(
                fields=["school", "weekday", "opens"],
                name="opening_once_per_hour",
                violation_error_message="Deux horaires du même jour commencent à la même heure.",
            ),
        ]

    def __str__(self) -> str:
        return f"horaire de l’établissement {self.school_id}"


class DayMessageQuerySet(models.QuerySet["DayMessage"]):
    """Messages, as readers see them."""

    def showing(self) -> DayMessageQuerySet:
        """Begun and not over."""
        now = timezone.now()
        return self.filter(shows_from__lte=now, shows_until__gt=now)


class DayMessage(models.Model):
    """The line above the school's page for a few days (« Fermeture vendredi 13 mars »)."""

    school = models.OneToOneField(School, models.CASCADE, related_name="day_message")
    words = models.CharField("message", max_length=240)
    tone = models.CharField(
        "ton", max_length=8, choices=MessageTone.choices, default=MessageTone.INFORMATION
    )
    shows_from = models.DateTimeField("visible à partir du")
    shows_until = models.DateTimeField("visible jusqu’au")

    objects = DayMessageQuerySet.as_manager()

    class Meta:
        verbose_name = "message du jour"
        verbose_name_plural = "messages du jour"
        constraints = [
            models.CheckConstraint(
                condition=Q(shows_until__gt=F("shows_from")),
                name="day_message_ends_after_it_begins",
                violation_error_message="La fin vient après le début.",
            ),
        ]

    def __str__(self) -> str:
        return f"message du jour de l’établissement {self.school_id}"


class SiteFile(models.Model):
    """A picture that we encoded, or a document that we kept as it came.

    Who may read it follows from what cites it (`portal.site.files.readers`). Its bytes never
    change.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.CASCADE, related_name="site_files")
    kind = models.CharField("nature", max_length=8, choices=FileKind.choices)
    name = models.CharField("nom", max_length=120)
    content_type = models.CharField(max_length=100)
    size_bytes = models.PositiveIntegerField("taille")
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    alternative = models.CharField("texte de remplacement", max_length=250, blank=True)
    is_decorative = models.BooleanField("image décorative", default=False)
    is_listed = models.BooleanField("proposé sur la page publique", default=False)
    author = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField("déposé le", auto_now_add=True)
    data = models.BinaryField()

    class Meta:
        verbose_name = "fichier du site"
        verbose_name_plural = "fichiers du site"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=FileKind.PICTURE) | ~Q(alternative="") | Q(is_decorative=True),
                name="site_picture_says_what_it_shows",
                violation_error_message="Décrivez l’image, ou dites qu’elle est décorative.",
            ),
            models.CheckConstraint(
                condition=Q(kind=FileKind.DOCUMENT) | Q(is_listed=False),
                name="site_picture_is_not_listed",
                violation_error_message="Seul un document se propose au téléchargement.",
            ),
        ]

    def __str__(self) -> str:
        return f"fichier du site {self.uuid}"


class FileCitation(models.Model):
    """A text of the site that shows a file, or leads to it, as it stands now."""

    file = models.ForeignKey(SiteFile, models.CASCADE, related_name="citations")
    news = models.ForeignKey("portal.NewsItem", models.CASCADE, null=True, related_name="citations")
    page = models.ForeignKey(PracticalPage, models.CASCADE, null=True, related_name="citations")
    presentation = models.ForeignKey(
        "portal.SchoolPage", models.CASCADE, null=True, related_name="citations"
    )

    class Meta:
        verbose_name = "citation d’un fichier"
        verbose_name_plural = "citations de fichiers"
        constraints = [
            models.CheckConstraint(
                condition=_exactly_one_owner(),
                name="citation_stands_in_one_text",
                violation_error_message="Une citation appartient à un texte et un seul.",
            ),
            models.UniqueConstraint(
                fields=["file", "news", "page", "presentation"],
                nulls_distinct=False,
                name="citation_once_per_text",
                violation_error_message="Ce texte cite déjà ce fichier.",
            ),
        ]

    def __str__(self) -> str:
        return f"citation {self.pk}"


class SavedVersion(models.Model):
    """A text of the site as somebody saved it: who, when, what; rows are added, never changed."""

    news = models.ForeignKey("portal.NewsItem", models.CASCADE, null=True, related_name="versions")
    page = models.ForeignKey(PracticalPage, models.CASCADE, null=True, related_name="versions")
    presentation = models.ForeignKey(
        "portal.SchoolPage", models.CASCADE, null=True, related_name="versions"
    )
    number = models.PositiveIntegerField("version")
    title = models.CharField("titre", max_length=120, blank=True)
    body = models.TextField("texte", blank=True)
    author = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    saved_at = models.DateTimeField("enregistrée le", auto_now_add=True)

    class Meta:
        verbose_name = "version d’un texte"
        verbose_name_plural = "versions de textes"
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=_exactly_one_owner(),
                name="version_of_one_text",
                violation_error_message="Une version appartient à un texte et un seul.",
            ),
            models.UniqueConstraint(
                fields=["news", "page", "presentation", "number"],
                nulls_distinct=False,
                name="version_number_unique",
                violation_error_message="Cette version existe déjà.",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class SiteRevision(models.Model):
    """How often the public pages of a school changed; written by triggers of the database.

    `place` is the school's key, 0 for the portal's own pages. A page that was rendered at one
    number is served until the number is another (`portal.public.caching`).
    """

    place = models.BigIntegerField(primary_key=True)
    number = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "révision d’un site"
        verbose_name_plural = "révisions des sites"

    def __str__(self) -> str:
        return f"révision {self.number}"
