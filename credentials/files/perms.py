"""The files of credentials that an actor may handle."""

from __future__ import annotations

from credentials.files.models import CredentialFile, CredentialFileQuerySet
from credentials.perms import schools_with_files_of
from directory.rights.actors import Actor


def manageable_files(actor: Actor) -> CredentialFileQuerySet:
    """Files, not deleted, of the schools in which *actor* may handle credential files."""
    return CredentialFile.objects.listed().filter(school__in=schools_with_files_of(actor))
