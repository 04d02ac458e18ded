"""What brands the portal and fills its public pages."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from directory.enums import Profile
from directory.models import Group, Membership, Person, Responsibility, School
from portal.enums import NewsAudience, NewsState, TextKind
from portal.site_tables import (
    DayMessage,
    FileCitation,
    OpeningPeriod,
    PracticalPage,
    SavedVersion,
    SiteFile,
    SiteRevision,
)

__all__ = [
    "DayMessage",
    "FileCitation",
    "LegalText",
    "Logo",
    "NewsItem",
    "NewsQuerySet",
    "OpeningPeriod",
    "PortalSettings",
    "PracticalPage",
    "SavedVersion",
    "SchoolPage",
    "SiteFile",
    "SiteRevision",
    "UsefulLink",
]

DEFAULT_COLOUR = "#0d6b5e"
_colour = RegexValidator(
    r"^#[0-9a-fA-F]{6}\Z", "Une couleur s’écrit avec un dièse et six chiffres, comme #0d6b5e."
)
_host = RegexValidator(
    r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+\Z",
    "Écrivez un nom de domaine seul, en minuscules, comme www.college-exemple.fr.",
)


class Logo(models.Model):
    """A picture that we encoded ourselves (`portal.school_pages.pictures`).

    It is never changed, only replaced. It lives in the database so that every web machine serves
    it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    content_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    data = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "logo"
        constraints = [
            models.CheckConstraint(
                condition=Q(content_type__in=["image/png", "image/jpeg", "image/webp"]),
                name="logo_is_a_raster",
                violation_error_message="Un logo est une image PNG, JPEG ou WebP.",
            ),
        ]

    def __str__(self) -> str:
        return f"logo {self.uuid}"


class PortalSettings(models.Model):
    """The portal's identity: one row, whose absence means our own defaults."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField("nom du portail", max_length=60, default="Préau")
    tagline = models.CharField(
        "accroche", max_length=120, blank=True, default="L’espace numérique des établissements"
    )
    colour = models.CharField("couleur", max_length=7, default=DEFAULT_COLOUR, validators=[_colour])
    logo = models.ForeignKey(
        Logo, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="logo"
    )
    contact_email = models.EmailField("courriel de contact", blank=True)
    contact_phone = models.CharField("téléphone de contact", max_length=30, blank=True)
    publisher = models.TextField(
        "éditeur", blank=True, help_text="Nom, statut et adresse de qui édite le portail."
    )
    publication_director = models.CharField(
        "directeur de la publication", max_length=120, blank=True
    )
    hosting = models.TextField("hébergeur", blank=True, help_text="Nom, adresse et téléphone.")
    privacy_officer = models.CharField(
        "délégué à la protection des données", max_length=200, blank=True
    )

    class Meta:
        verbose_name = "réglages du portail"
        verbose_name_plural = "réglages du portail"
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1),
                name="portal_settings_single_row",
                violation_error_message="Les réglages du portail tiennent en une seule fiche.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> PortalSettings:
        """The one row, or the defaults when nobody has saved it yet."""
        return cls.objects.select_related("logo").filter(pk=1).first() or cls()


class SchoolPage(models.Model):
    """How a school shows itself; a school without a row still has its page, from the feed."""

    school = models.OneToOneField(School, models.CASCADE, related_name="page")
    colour = models.CharField("couleur", max_length=7, blank=True, validators=[_colour])
    logo = models.ForeignKey(
        Logo, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="logo"
    )
    introduction = models.TextField("présentation", blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    hours_note = models.CharField("précision sur les horaires", max_length=200, blank=True)
    contact_email = models.EmailField("courriel public", blank=True)
    contact_phone = models.CharField("téléphone public", max_length=30, blank=True)
    website = models.URLField("site de l’établissement", blank=True)
    own_host = models.CharField(
        "nom de domaine propre",
        max_length=200,
        blank=True,
        validators=[_host],
        help_text="Le domaine doit aussi figurer dans ALLOWED_HOSTS.",
    )

    class Meta:
        verbose_name = "page d’établissement"
        verbose_name_plural = "pages d’établissements"
        constraints = [
            models.UniqueConstraint(
                fields=["own_host"],
                condition=~Q(own_host=""),
                name="school_page_own_host_unique",
                violation_error_message="Ce nom de domaine est déjà celui d’un établissement.",
            ),
        ]

    def __str__(self) -> str:
        return f"page de l’établissement {self.school_id}"


class UsefulLink(models.Model):
    """A link of a school's public page (« Cantine », « Transports »…)."""

    school = models.ForeignKey(School, models.CASCADE, related_name="useful_links")
    label = models.CharField("libellé", max_length=80)
    address = models.URLField("adresse")
    position = models.PositiveSmallIntegerField("ordre", default=100)

    class Meta:
        verbose_name = "lien utile"
        verbose_name_plural = "liens utiles"
        ordering = ["position", "label", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "address"],
                name="useful_link_once_per_school",
                violation_error_message="Ce lien figure déjà sur la page.",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class NewsQuerySet(models.QuerySet["NewsItem"]):
    """News, as readers see it."""

    def showing(self) -> NewsQuerySet:
        """Published, begun and not over: scheduling needs no job, only a clock."""
        now = timezone.now()
        return self.filter(state=NewsState.PUBLISHED, shows_from__lte=now).filter(
            Q(shows_until__isnull=True) | Q(shows_until__gt=now)
        )

    def public_of(self, school: School | None) -> NewsQuerySet:
        """What everybody may read on the page of *school* (``None``: the portal's home)."""
        return self.showing().filter(audience=NewsAudience.PUBLIC, school=school)

    def for_people_of(self, school: School | None) -> NewsQuerySet:
        """What may concern somebody of *school*: its news and the portal's, for whomever."""
        return self.showing().filter(Q(school=school) | Q(school__isnull=True))

    def for_reader(
        self, person: Person | None, school: School | None, profile: str
    ) -> NewsQuerySet:
        """What *person* reads when they are in *school* as *profile*: what is for them."""
        found = self.for_people_of(school).filter(Q(profiles=[]) | Q(profiles__contains=[profile]))
        return found.filter(~Exists(_any_group()) | Exists(_group_of(person)))


def _any_group() -> models.QuerySet[models.Model]:
    """The classes and groups that a piece of news is for."""
    through: models.QuerySet[models.Model] = NewsItem.groups.through.objects.all()
    return through.filter(newsitem=OuterRef("pk"))


def _group_of(person: Person | None) -> models.QuerySet[models.Model]:
    """Those in which *person* is, or a child for whom they answer."""
    if person is None:
        return _any_group().none()
    children = Responsibility.objects.filter(guardian=person, is_legal=True).values("pupil")
    there = Membership.objects.filter(Q(person=person) | Q(person__in=children))
    return _any_group().filter(group__in=there.values("group"))


class NewsItem(models.Model):
    """A piece of news of a school, or of the portal when no school is given."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(
        School, models.CASCADE, null=True, blank=True, related_name="news_items"
    )
    title = models.CharField("titre", max_length=120)
    body = models.TextField("texte")
    audience = models.CharField(
        "lecteurs", max_length=12, choices=NewsAudience.choices, default=NewsAudience.CONNECTED
    )
    profiles = ArrayField(
        models.CharField(max_length=16, choices=Profile.choices),
        verbose_name="profils",
        default=list,
        blank=True,
    )
    groups = models.ManyToManyField(
        Group, verbose_name="classes et groupes", blank=True, related_name="+"
    )
    is_pinned = models.BooleanField("épinglée", default=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    state = models.CharField(
        "état", max_length=12, choices=NewsState.choices, default=NewsState.DRAFT
    )
    shows_from = models.DateTimeField("visible à partir du", null=True, blank=True)
    shows_until = models.DateTimeField("visible jusqu’au", null=True, blank=True)
    author = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField("créée le", auto_now_add=True)
    updated_at = models.DateTimeField("modifiée le", auto_now=True)

    objects = NewsQuerySet.as_manager()

    class Meta:
        verbose_name = "actualité"
        ordering = ["-is_pinned", "-shows_from", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(audience=NewsAudience.PUBLIC) | Q(profiles=[]),
                name="news_for_everybody_names_no_profile",
                violation_error_message="Une actualité pour tout le monde n’a pas de profils.",
            ),
            models.CheckConstraint(
                condition=~Q(state=NewsState.PUBLISHED) | Q(shows_from__isnull=False),
                name="news_published_has_a_date",
                violation_error_message="Une actualité publiée a une date.",
            ),
            models.CheckConstraint(
                condition=Q(shows_until__isnull=True) | Q(shows_until__gt=F("shows_from")),
                name="news_ends_after_it_begins",
                violation_error_message="La fin vient après le début.",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "state", "-shows_from"], name="news_school_recent")
        ]

    def __str__(self) -> str:
        return f"actualité {self.uuid}"

    @property
    def profile_words(self) -> str:
        """« Élève, Parent »: the profiles that it is for."""
        return ", ".join(Profile(code).label for code in self.profiles)


class LegalTextQuerySet(models.QuerySet["LegalText"]):
    """Versions of the portal's texts."""

    def in_force(self, kind: str) -> LegalText | None:
        """The newest version of *kind*, or nothing: then the default text holds."""
        return self.filter(kind=kind).order_by("-version").first()


class LegalText(models.Model):
    """One version of a text of the portal; versions are added, never changed."""

    kind = models.CharField("texte", max_length=24, choices=TextKind.choices)
    version = models.PositiveIntegerField("version")
    body = models.TextField(
        "texte", help_text="Paragraphes séparés d’une ligne vide ; « ## » devant un intertitre."
    )
    created_at = models.DateTimeField("publié le", auto_now_add=True)

    objects = LegalTextQuerySet.as_manager()

    class Meta:
        verbose_name = "texte du portail"
        verbose_name_plural = "textes du portail"
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "version"],
                name="legal_text_version_unique",
                violation_error_message="Cette version existe déjà.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, version {self.version}"
