"""Who asks: the kernel knows people by the UUID of their person and nothing else."""

from typing import Protocol, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


class _Person(Protocol):
    uuid: UUID


class _Account(Protocol):
    is_authenticated: bool
    person: _Person


def person_uuid(request: HttpRequest) -> UUID:
    """Return the person of the signed-in account; every account has exactly one."""
    account = cast("_Account", request.user)
    if not account.is_authenticated:
        raise PermissionDenied
    return account.person.uuid
