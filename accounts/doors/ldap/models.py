"""What a door of kind LDAP has beside the directory of its authority."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.doors.base.models import Door


class LdapDoor(models.Model):
    """Which attributes hold what is typed at this door, and whom it lets in.

    The servers are those of the authority (`directory.models.LdapDirectory`): the students' door
    and the staff's share them.
    """

    door = models.OneToOneField(Door, models.CASCADE, related_name="ldap", primary_key=True)
    login_attributes = ArrayField(
        models.CharField(max_length=80), verbose_name="attributs de l’identifiant"
    )
    restriction = models.CharField("filtre", max_length=300, blank=True)

    class Meta:
        verbose_name = "guichet LDAP"
        verbose_name_plural = "guichets LDAP"

    def __str__(self) -> str:
        return f"recherche LDAP du guichet {self.door_id}"
