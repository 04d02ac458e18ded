"""Registered services: what they are called, where they are, who may open them, what they learn.

How they are meant, for screens: a `Service` is « Informations générales »; its `ServiceAudience`
rows are « Accès population », its `ServiceGrant` rows « Accès utilisateur ». Nobody but named users
opens a service without audience. Read through `sso.catalogue.registry` (every request) or the
querysets here (screens), write through `sso.catalogue.registration` and
`sso.catalogue.audiences`, decide through `sso.catalogue.access`.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from directory.enums import Profile
from directory.models import Group, Person, School
from signin.enums import Realm
from sso.catalogue.addresses import SCHEMES
from sso.enums import (
    AddressUse,
    AttributeFormat,
    AttributeSource,
    LogoutMode,
    ProfileVocabulary,
    RequiredStrength,
    ServiceRight,
    TicketLength,
)

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

ATTRIBUTE_NAME = r"^[A-Za-z_][A-Za-z0-9_.-]{0,79}$"
HOST = r"^([a-z0-9]([a-z0-9_-]*[a-z0-9])?)(\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*$|^\[[0-9a-f:.]+\]$"
PATH_PREFIX = r"^/[\x21-\x7e]*$"


@dataclass(frozen=True, slots=True)
class ServiceDetails:
    """What hangs on a service, as named rows: a decision or a validation needs nothing else."""

    addresses: tuple[Any, ...] = ()
    """Rows of (service_id, use, scheme, host, port, path_prefix)."""
    audiences: tuple[Any, ...] = ()
    """Rows of (service_id, profile, school_id, group_id)."""
    attributes: tuple[Any, ...] = ()
    """Rows of (service_id, name, source, format)."""
    proxy_ids: frozenset[int] = frozenset()
    """Keys of the services that may act for somebody at this one."""


def _rows(
    services: ServiceQuerySet, model: type[models.Model], *columns: str
) -> dict[int, list[Any]]:
    """Return these columns of what hangs on the services, in order, by service."""
    found = model._default_manager.filter(service__in=services).order_by("pk")  # noqa: SLF001
    rows = defaultdict(list)
    for row in found.values_list("service_id", *columns, named=True):
        rows[row.service_id].append(row)
    return rows


class ServiceQuerySet(models.QuerySet["Service"]):
    """Reads of the catalogue."""

    def with_details(self) -> list[Service]:
        """Services with everything that a decision or a validation needs: six statements.

        Prefetching would copy a query for each service and relation and make an object of each row,
        which at thousands of services takes longer than all the rest.
        """
        services = {service.pk: service for service in self.order_by("pk")}
        schools = School.objects.select_related("authority").in_bulk(
            {one.school_id for one in services.values() if one.school_id is not None}
        )
        details = self.details_of(services)
        for service in services.values():
            if (school := schools.get(service.school_id or 0)) is not None:
                service.school = school
            service.held_details = details[service.pk]
        return list(services.values())

    def details_of(self, keys: Iterable[int]) -> dict[int, ServiceDetails]:
        """Return what hangs on each of these services by its key: four statements."""
        addresses = _rows(self, ServiceAddress, "use", "scheme", "host", "port", "path_prefix")
        audiences = _rows(self, ServiceAudience, "profile", "school_id", "group_id")
        attributes = _rows(self, ReleasedAttribute, "name", "source", "format")
        proxies: dict[int, set[int]] = defaultdict(set)
        pairs = Service.allowed_proxies.through.objects.filter(from_service__in=self)
        for pk, proxy in pairs.values_list("from_service_id", "to_service_id"):
            proxies[pk].add(proxy)
        return {
            pk: ServiceDetails(
                addresses=tuple(addresses.get(pk, ())),
                audiences=tuple(audiences.get(pk, ())),
                attributes=tuple(attributes.get(pk, ())),
                proxy_ids=frozenset(proxies.get(pk, ())),
            )
            for pk in keys
        }

    def of_realm(self, realm: Realm) -> ServiceQuerySet:
        """The services of one realm: the portal's are not a guichet's."""
        return self.filter(realm=realm)


class Service(models.Model):
    """One application that trusts us for sign-in.

    Its owner is the portal (``school`` empty) or one school, whose administrators manage it and
    whose page the sign-in comes from. ``user_attribute`` is what ``cas:user`` holds: the opaque
    identifier, unless the contract says otherwise (R-G3).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField("code", max_length=60, help_text="Nom court, dans les statistiques.")
    name = models.CharField("nom", max_length=80)
    description = models.CharField("description", max_length=200, blank=True)
    icon = models.CharField("icône", max_length=30, default="external")
    school = models.ForeignKey(
        School,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="services",
        verbose_name="établissement propriétaire",
        help_text="Vide : service du portail.",
    )
    realm = models.CharField("domaine", max_length=10, choices=Realm.choices, default=Realm.PORTAL)
    home_url = models.URLField(
        "adresse d’accueil",
        max_length=500,
        blank=True,
        help_text="Où mène la tuile de la page d’accueil ; vide : pas de tuile.",
    )
    contact = models.CharField(
        "qui contacter",
        max_length=200,
        blank=True,
        help_text="Montré à qui n’a pas accès ; vide : l’établissement.",
    )
    position = models.PositiveSmallIntegerField("ordre", default=100)
    is_open = models.BooleanField("ouvert", default=True)
    opens_on = models.DateField("ouvre le", null=True, blank=True)
    closes_on = models.DateField("dernier jour", null=True, blank=True)
    required_strength = models.CharField(
        "connexion exigée",
        max_length=10,
        choices=RequiredStrength.choices,
        default=RequiredStrength.NONE,
    )
    may_proxy = models.BooleanField(
        "peut agir pour l’utilisateur auprès d’autres services", default=False
    )
    allowed_proxies = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="+",
        verbose_name="mandataires acceptés",
    )
    logout_mode = models.CharField(
        "déconnexion", max_length=10, choices=LogoutMode.choices, default=LogoutMode.BACK_CHANNEL
    )
    ticket_length = models.CharField(
        "longueur des tickets",
        max_length=10,
        choices=TicketLength.choices,
        default=TicketLength.STANDARD,
    )
    ticket_seconds = models.PositiveSmallIntegerField(
        "durée d’un ticket (secondes)",
        default=10,
        validators=[MinValueValidator(10), MaxValueValidator(60)],
    )
    user_attribute = models.CharField(
        "identité transmise (cas:user)",
        max_length=20,
        choices=AttributeSource.choices,
        default=AttributeSource.OPAQUE_ID,
    )
    profile_vocabulary = models.CharField(
        "mots du profil",
        max_length=20,
        choices=ProfileVocabulary.choices,
        default=ProfileVocabulary.OURS,
    )
    releases_over_http = models.BooleanField(
        "attributs même sans https",
        default=False,
        help_text="Un service en http ne reçoit sinon que son identifiant.",
    )
    created_at = models.DateTimeField("enregistré le", auto_now_add=True)

    objects = ServiceQuerySet.as_manager()

    held_details: ServiceDetails | None = None
    """Set by `ServiceQuerySet.with_details`."""

    if TYPE_CHECKING:
        addresses: RelatedManager[ServiceAddress]
        audiences: RelatedManager[ServiceAudience]
        attributes: RelatedManager[ReleasedAttribute]
        grants: RelatedManager[ServiceGrant]

    class Meta:
        verbose_name = "service tiers"
        verbose_name_plural = "services tiers"
        ordering = ["position", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                name="service_code_unique",
                violation_error_message="Ce code désigne déjà un service.",
            ),
            models.CheckConstraint(
                condition=Q(ticket_seconds__gte=10, ticket_seconds__lte=60),
                name="service_ticket_seconds",
                violation_error_message="Un ticket dure de 10 à 60 secondes.",
            ),
            models.CheckConstraint(
                condition=Q(opens_on__isnull=True)
                | Q(closes_on__isnull=True)
                | Q(closes_on__gte=models.F("opens_on")),
                name="service_dates_in_order",
                violation_error_message="Le dernier jour vient après l’ouverture.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def details(self) -> ServiceDetails:
        """What hangs on the service: at hand for a service of the catalogue, else read now."""
        if self.held_details is not None:
            return self.held_details
        return Service.objects.filter(pk=self.pk).details_of([self.pk])[self.pk]


class ServiceAddress(models.Model):
    """One place of a service, compared by component (`sso.catalogue.addresses`), never as text.

    ``path_prefix`` ends where a segment ends: « /pronote » matches « /pronote/eleve.html » and not
    « /pronoteX ».
    """

    service = models.ForeignKey(Service, models.CASCADE, related_name="addresses")
    use = models.CharField(
        "usage", max_length=10, choices=AddressUse.choices, default=AddressUse.SIGN_IN
    )
    scheme = models.CharField(
        "protocole", max_length=5, choices=[(scheme, scheme) for scheme in SCHEMES]
    )
    host = models.CharField(
        "hôte", max_length=253, validators=[RegexValidator(HOST)], help_text="En minuscules."
    )
    port = models.PositiveIntegerField("port")
    path_prefix = models.CharField(
        "début du chemin", max_length=300, default="/", validators=[RegexValidator(PATH_PREFIX)]
    )

    class Meta:
        verbose_name = "adresse"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "use", "scheme", "host", "port", "path_prefix"],
                name="service_address_once",
                violation_error_message="Cette adresse est déjà dans la liste.",
            ),
            models.CheckConstraint(
                condition=Q(scheme__in=SCHEMES) & Q(port__gte=1, port__lte=65535),
                name="service_address_scheme_port",
                violation_error_message="http ou https, et un port de 1 à 65535.",
            ),
            models.CheckConstraint(
                condition=Q(host__regex=HOST),
                name="service_address_host",
                violation_error_message="Un nom d’hôte en minuscules, sans port ni chemin.",
            ),
            models.CheckConstraint(
                condition=Q(path_prefix__regex=PATH_PREFIX),
                name="service_address_path",
                violation_error_message="Le chemin commence par une barre oblique.",
            ),
            models.CheckConstraint(
                condition=~Q(use=AddressUse.PROXY_CALLBACK) | Q(scheme="https"),
                name="service_address_callback_https",
                violation_error_message="Un mandat ne se reçoit qu’en https.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}{self.path_prefix}"

    @property
    def shown(self) -> str:
        """The address as a browser shows it: without the port that goes without saying."""
        is_usual = (self.scheme, self.port) in {("https", 443), ("http", 80)}
        return f"{self.scheme}://{self.host}{'' if is_usual else f':{self.port}'}{self.path_prefix}"


class ServiceAudience(models.Model):
    """« Accès population »: one row opens the service to one profile, in one school or class.

    An empty column means « all »: no row at all opens to nobody, a row with three empty columns to
    everybody. A parent is in the classes of their children, a teacher in those they teach. For a
    school's own service give the school in each row.
    """

    service = models.ForeignKey(Service, models.CASCADE, related_name="audiences")
    profile = models.CharField("profil", max_length=16, choices=Profile.choices, blank=True)
    school = models.ForeignKey(School, models.CASCADE, null=True, blank=True, related_name="+")
    group = models.ForeignKey(
        Group, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="classe"
    )

    class Meta:
        verbose_name = "accès population"
        verbose_name_plural = "accès population"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "profile", "school", "group"],
                nulls_distinct=False,
                name="service_audience_once",
                violation_error_message="Cette population a déjà accès.",
            ),
            models.CheckConstraint(
                condition=Q(profile="") | Q(profile__in=Profile.values),
                name="service_audience_profile_known",
            ),
        ]

    def __str__(self) -> str:
        return f"accès population {self.pk}"


class ServiceGrantQuerySet(models.QuerySet["ServiceGrant"]):
    """Named users; only grants in force open anything."""

    def in_force(self) -> ServiceGrantQuerySet:
        """Neither withdrawn nor past their last day (Europe/Paris)."""
        return self.filter(withdrawn_at__isnull=True).filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=timezone.localdate())
        )


class ServiceGrant(models.Model):
    """« Accès utilisateur »: a named user opens the service, whatever their profile."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.ForeignKey(Service, models.CASCADE, related_name="grants")
    person = models.ForeignKey(Person, models.CASCADE, related_name="service_grants")
    right = models.CharField(
        "droit", max_length=20, choices=ServiceRight.choices, default=ServiceRight.USE
    )
    granted_by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField("donné le", auto_now_add=True)
    expires_on = models.DateField("jusqu’au", null=True, blank=True)
    withdrawn_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects = ServiceGrantQuerySet.as_manager()

    class Meta:
        verbose_name = "accès utilisateur"
        verbose_name_plural = "accès utilisateur"
        ordering = ["-granted_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "person", "right"],
                condition=Q(withdrawn_at__isnull=True),
                name="service_grant_once",
                violation_error_message="Cette personne a déjà cet accès.",
            ),
        ]

    def __str__(self) -> str:
        return f"accès utilisateur {self.uuid}"


class ReleasedAttribute(models.Model):
    """One attribute of a service's contract: its name there, what it is here, how it is written."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="attributes")
    name = models.CharField("nom", max_length=80, validators=[RegexValidator(ATTRIBUTE_NAME)])
    source = models.CharField("donnée", max_length=20, choices=AttributeSource.choices)
    format = models.CharField(
        "écriture", max_length=16, choices=AttributeFormat.choices, default=AttributeFormat.PLAIN
    )

    class Meta:
        verbose_name = "attribut transmis"
        verbose_name_plural = "attributs transmis"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "name"],
                name="released_attribute_once",
                violation_error_message="Cet attribut est déjà dans la liste.",
            ),
            models.CheckConstraint(
                condition=Q(name__regex=ATTRIBUTE_NAME),
                name="released_attribute_name",
                violation_error_message="Lettres sans accent, chiffres, point, tiret ; pas de"
                " chiffre au début.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RegistryStamp(models.Model):
    """One row whose version a trigger draws anew whenever the catalogue changes
    (`sso.catalogue.registry`).

    Drawn and not counted: a restored database never shows an old number for another catalogue.
    """

    version = models.UUIDField(default=uuid.uuid4)

    class Meta:
        verbose_name = "version du catalogue"

    def __str__(self) -> str:
        return f"catalogue {self.version}"
