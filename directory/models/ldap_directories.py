"""How the LDAP directory of a university is reached, for its doors and its feed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from directory.models.schools import UAI_PATTERN, Authority
from ent.ldap.client import LdapSettings
from ent.sealing.keys import KeyRole
from ent.sealing.locking import lock, unlock

DEADLINE_SECONDS = 4


class LdapDirectory(models.Model):
    """The directory of one authority: servers in the order in which they are tried.

    The key attribute names a person for good (`entryUUID`; else `supannEtuId` or `supannEmpId`),
    never the DN nor the login. The decoy is an entry of ours: whoever types a wrong login costs a
    bind to it, as a wrong password does.
    """

    authority = models.OneToOneField(
        Authority, models.PROTECT, related_name="ldap", primary_key=True
    )
    servers = ArrayField(models.CharField(max_length=200), verbose_name="serveurs")
    authorities = models.TextField("autorités de certification", blank=True)
    base = models.CharField("base de recherche", max_length=300)
    reader_dn = models.CharField("compte de lecture", max_length=300, blank=True)
    locked_password = models.BinaryField("mot de passe du compte de lecture", default=bytes)
    decoy_dn = models.CharField("entrée leurre", max_length=300, blank=True)
    key_attribute = models.CharField("attribut qui ne change pas", max_length=80)
    state_attribute = models.CharField("attribut de l’état", max_length=80, blank=True)
    uai = models.CharField(
        "UAI de l’université",
        max_length=8,
        blank=True,
        validators=[RegexValidator(UAI_PATTERN, "Sept chiffres et une lettre.")],
    )
    people_filter = models.CharField(
        "filtre des personnes", max_length=300, default="(objectClass=inetOrgPerson)"
    )
    mapping = models.JSONField("correspondance des attributs", default=dict, blank=True)
    deadline_seconds = models.PositiveSmallIntegerField(
        "délai de réponse",
        default=DEADLINE_SECONDS,
        validators=[MinValueValidator(1), MaxValueValidator(DEADLINE_SECONDS)],
    )

    class Meta:
        verbose_name = "annuaire LDAP"
        verbose_name_plural = "annuaires LDAP"
        constraints = [
            models.CheckConstraint(
                condition=Q(deadline_seconds__gte=1, deadline_seconds__lte=DEADLINE_SECONDS),
                name="ldap_directory_deadline",
                violation_error_message="Entre 1 et 4 secondes.",
            ),
        ]

    def __str__(self) -> str:
        return f"annuaire LDAP de l’autorité {self.authority_id}"

    def lock_password(self, password: str) -> None:
        """Keep the reader's password, locked for this authority."""
        self.locked_password = lock(
            password.encode(), role=KeyRole.LDAP_READER, context=self._context
        )

    @property
    def settings(self) -> LdapSettings:
        """What the client needs; the password is opened here and nowhere else."""
        password = ""
        if self.locked_password:
            opened = unlock(self.locked_password, role=KeyRole.LDAP_READER, context=self._context)
            password = opened.decode()
        return LdapSettings(
            servers=tuple(self.servers),
            base=self.base,
            reader_dn=self.reader_dn,
            reader_password=password,
            authorities=self.authorities,
            deadline_seconds=self.deadline_seconds,
        )

    @property
    def _context(self) -> bytes:
        return f"ldap:{self.authority_id}".encode()
