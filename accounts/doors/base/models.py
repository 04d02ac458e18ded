"""Doors (« guichets ») of the mire, as data."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.doors.base.protocol import DoorProtocol
from accounts.doors.base.registry import find_protocol, protocol_of_kind, settings_relations
from accounts.enums import Audience, DoorFault, DoorKind, MatchOn, RenewPolicy
from directory.models import Authority


class DoorQuerySet(models.QuerySet["Door"]):
    """Doors, as the mire asks for them."""

    def serving(self, audience: Audience) -> DoorQuerySet:
        """The doors of one of the mire's four answers, with their authorities and servers."""
        return self.filter(audiences__contains=[audience.value]).with_servers()

    def with_servers(self) -> DoorQuerySet:
        """Read the authority and the server's settings of each door in the same statement."""
        return self.select_related("authority", *settings_relations())


class Door(models.Model):
    """One way in: of an authority, for one or more audiences, of one kind.

    What a first sign-in compares with the directory is one attribute of what the other side says,
    its subject when `match_attribute` is empty. An empty `key_method` means that the other side
    knows no key. A local door uses none of the four.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField("code", max_length=60)
    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="doors"
    )
    label = models.CharField(
        "libellé", max_length=120, help_text="Par exemple « de l’académie de Nancy-Metz »."
    )
    kind = models.CharField("nature", max_length=10, choices=DoorKind.choices)
    audiences = ArrayField(
        models.CharField(max_length=16, choices=Audience.choices), verbose_name="publics"
    )
    position = models.PositiveSmallIntegerField("ordre", default=100)
    is_open = models.BooleanField("ouvert", default=True)
    match_on = models.CharField(
        "rapprochement par", max_length=20, choices=MatchOn.choices, default=MatchOn.EMAIL
    )
    match_attribute = models.CharField("attribut transmis", max_length=80, blank=True)
    renew_policy = models.CharField(
        "identification redemandée",
        max_length=20,
        choices=RenewPolicy.choices,
        default=RenewPolicy.AFTER_SIGN_OUT,
    )
    key_method = models.CharField("méthode qui vaut la clé OTP", max_length=120, blank=True)

    objects = DoorQuerySet.as_manager()

    class Meta:
        verbose_name = "guichet"
        ordering = ["position", "label", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                name="door_code_unique",
                violation_error_message="Ce code désigne déjà un guichet.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def protocol(self) -> DoorProtocol:
        """How this door works; `LookupError` for a kind that has no protocol yet."""
        return protocol_of_kind(self.kind)

    @property
    def asks_for_password(self) -> bool:
        """Is the ENT's own password typed here, or is sign-in done elsewhere?"""
        return self.kind == DoorKind.LOCAL and self.is_open

    @property
    def has_server(self) -> bool:
        """Is there another server whose address is known? Sign-outs need no open door."""
        found = find_protocol(self.kind)
        return found is not None and found.has_server(self)

    @property
    def leads_elsewhere(self) -> bool:
        """Is sign-in done by a server whose address is known, and is the door open?"""
        return self.is_open and self.has_server

    @property
    def renews_always(self) -> bool:
        """Must somebody prove who they are at each sign-in?"""
        return self.renew_policy == RenewPolicy.ALWAYS

    @property
    def audience_labels(self) -> list[str]:
        """« Enseignant », « Personnel non enseignant »: whom the door serves."""
        return [str(Audience(audience).label) for audience in self.audiences]

    @property
    def is_missing_server(self) -> bool:
        """Is it a door elsewhere whose address nobody has given?"""
        return self.kind != DoorKind.LOCAL and not self.has_server

    @property
    def is_resting(self) -> bool:
        """Did the server fail so often that it is left alone for a moment?"""
        health = getattr(self, "health", None)
        until = health.closed_until if health is not None else None
        return until is not None and until > timezone.now()

    @property
    def has_helpdesk(self) -> bool:
        """Does the door's authority say whom to ask?"""
        authority = self.authority
        return authority is not None and bool(authority.helpdesk_email or authority.helpdesk_phone)

    @property
    def portal_name(self) -> str:
        """« le portail de l’académie de Reims », as the pages call the other side."""
        kind = "l’annuaire" if self.is_ldap else "le portail"
        return f"{kind} {self.label}"

    @property
    def way_words(self) -> str:
        """« mot de passe de l’ENT », « portail de l’académie de Reims »: by what one came in."""
        if self.kind == DoorKind.LOCAL:
            return "mot de passe de l’ENT"
        return f"mot de passe {self.label}" if self.is_ldap else f"portail {self.label}"

    @property
    def is_ldap(self) -> bool:
        """Is it a university's, whose password is typed here and known by its directory?"""
        return self.kind == DoorKind.LDAP

    @property
    def other_side(self) -> str:
        """« l’académie », « l’université »: who knows the people of this door."""
        return "l’université" if self.is_ldap else "l’académie"

    @property
    def continue_words(self) -> str:
        """« Continuer vers l’académie de Reims »: what the button of an academic door says."""
        for start, words in (("de l’", "l’"), ("de la ", "la "), ("des ", "les "), ("du ", "le ")):
            if self.label.startswith(start):
                return f"Continuer vers {words}{self.label[len(start) :]}"
        return "Continuer vers le portail"


class DoorHealth(models.Model):
    """How a door's server is doing, for every process at once: the breaker (T-E8)."""

    door = models.OneToOneField(Door, models.CASCADE, related_name="health", primary_key=True)
    failures = models.PositiveIntegerField("échecs de suite", default=0)
    closed_until = models.DateTimeField("au repos jusqu’à", null=True, blank=True)
    last_fault = models.CharField(
        "dernier défaut", max_length=20, choices=DoorFault.choices, blank=True
    )
    last_failure_at = models.DateTimeField("dernier échec", null=True, blank=True)

    class Meta:
        verbose_name = "santé d’un guichet"

    def __str__(self) -> str:
        return f"santé du guichet {self.door_id}"
