"""What a file is for: who may download it, and how many an hour.

The kernel knows no room above it, so each registers its purposes in its `AppConfig.ready`:
`register_purpose("credentials", may_download=can_download_credentials)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from ent.files.models import StoredFile

MayDownload = Callable[["StoredFile", UUID], bool]
AfterDownload = Callable[["StoredFile", UUID], None]
RefuseOpening = Callable[["StoredFile", UUID], str]


@dataclass(frozen=True, slots=True)
class FilePurpose:
    """One use of files; `may_download(file, person)` is asked again by the worker.

    With `after_download` a file is given once: when its last byte left, that is called with whom
    it was given to, and the file deleted, in one transaction.
    """

    name: str
    may_download: MayDownload
    per_hour: int
    after_download: AfterDownload | None = None
    refuse_opening: RefuseOpening | None = None


class UnknownPurposeError(LookupError):
    """No room registered this purpose."""


_purposes: dict[str, FilePurpose] = {}


def register_purpose(
    name: str,
    *,
    may_download: MayDownload,
    per_hour: int = 60,
    after_download: AfterDownload | None = None,
    refuse_opening: RefuseOpening | None = None,
) -> None:
    """Declare what a kind of files is for; `per_hour` is the ceiling of one person.

    `refuse_opening` is asked last, by whoever has the right: the words it returns refuse.
    """
    _purposes[name] = FilePurpose(name, may_download, per_hour, after_download, refuse_opening)


def get_purpose(name: str) -> FilePurpose:
    """Return the purpose of that name, or raise `UnknownPurposeError`."""
    try:
        return _purposes[name]
    except KeyError:
        raise UnknownPurposeError(f"no room registers files for {name!r}") from None
