"""The printings of slips that an actor may see."""

from __future__ import annotations

from django.db.models import Q

from credentials.enums import FileState
from credentials.perms import schools_with_files_of, schools_with_slips_of
from credentials.slips.models import SlipPrinting, SlipPrintingQuerySet
from directory.rights.actors import Actor


def visible_printings(actor: Actor) -> SlipPrintingQuerySet:
    """One's own printings, and in the schools that one administers everybody's.

    A manager or a form teacher sees nobody else's: the PDF holds codes of classes that may not be
    theirs.
    """
    own = Q(requested_by=actor.uuid, school__in=schools_with_slips_of(actor))
    administered = Q(school__in=schools_with_files_of(actor))
    return SlipPrinting.objects.exclude(state=FileState.DELETED).filter(own | administered)
