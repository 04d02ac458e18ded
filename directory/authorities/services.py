"""Authorities created and corrected by hand; their schools and people come from their feed."""

from __future__ import annotations

from django.core.cache import cache
from django.db import transaction

from directory.authorities.second_factor import BINDING_AUTHORITIES
from directory.enums import Category, Degree
from directory.models.persons import Record
from directory.models.schools import Authority
from directory.rights.actors import Actor
from ent.audit.enums import Act as AuditAct
from ent.audit.origin import Origin
from ent.audit.services import record


@transaction.atomic
def save_authority(
    *, authority: Authority, changed: list[str], actor: Actor | None, origin: Origin | None
) -> Authority:
    """Write a new or changed authority, and one line in the journal naming the fields only.

    *actor* is None on the machine's own command line.
    """
    authority.full_clean()
    authority.save()
    if "first_degree_links" in changed:
        # The links of pupils are read again in the next complete set, and their rights follow.
        pupils = Record.objects.filter(authority=authority, degree=Degree.FIRST)
        pupils.filter(category=Category.PUPIL).update(checksum=b"")
    cache.delete(BINDING_AUTHORITIES)
    record(
        act=AuditAct.SETTINGS_CHANGED,
        actor=actor.uuid if actor is not None else None,
        authority_code=authority.code,
        origin=origin,
        details={"scope": "authority", "fields": ",".join(sorted(changed))},
    )
    return authority
