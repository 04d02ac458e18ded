"""The last finished file of an instance, opened by a machine's secret, whole or in part.

It is deleted by the fetch that ends it. Until the day is over whoever had it may still compare.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from ent.audit.enums import Act
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.database import clock
from ent.files.models import StoredFile
from ent.files.reading import stream_part
from ent.files.services import delete_stored_file
from ent.sealing.wrapping import unwrap
from pronote_bridge.enums import ExportState
from pronote_bridge.exports.keeping import mark_downloaded
from pronote_bridge.exports.models import Export
from pronote_bridge.machines.callers import CallRefused
from pronote_bridge.machines.making import seal_context
from pronote_bridge.machines.models import MachineFileKey, MachineSecret
from pronote_bridge.machines.secrets import private_key_of

_R = TypeVar("_R", bound=HttpResponseBase)
#: No place in a file has more figures; what is longer is no range, and the whole is given.
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_DAY: Final = timedelta(hours=24)
_FETCHED: Final = (
    "Ce fichier a été remis en entier le {at:%d/%m/%Y à %H:%M} : il est effacé. Demandez un nouvel"
    " export."
)


@dataclass(frozen=True, slots=True, repr=False)
class MachineFile:
    """A file that this secret opens."""

    export: Export
    stored: StoredFile
    key: bytes
    seal_id: int
    """The row of its key: how far this secret was given the file stands there."""

    @property
    def etag(self) -> str:
        """The file's SHA-256: equal while its bytes are."""
        return quote_etag(self.export.sha256)


def last_file(request: HttpRequest, secret: MachineSecret, value: str) -> HttpResponseBase:
    """Give the newest file that a machine of this instance asked for.

    404 when there is none; once it was fetched whole 304 to whoever names it, 410 to the others.
    """
    sealed = (
        MachineFileKey.objects.filter(
            secret=secret, export__instance=secret.instance, export__state=ExportState.READY
        )
        .select_related("export__instance__key_school")
        .order_by("-export__exported_at", "-export__pk")
        .first()
    )
    if sealed is None:
        raise CallRefused(404)
    stored = sealed.export.stored_file()
    if stored is None:
        return _gone(request, sealed.export)
    key = unwrap(
        bytes(sealed.wrapped_key),
        private_key=private_key_of(value),
        context=seal_context(sealed.export, secret),
    )
    return _given_file(request, MachineFile(sealed.export, stored, key, sealed.pk))


def _gone(request: HttpRequest, export: Export) -> HttpResponseBase:
    """The file was fetched whole and deleted (410), or nobody came for it within its day (404)."""
    fetched_at = export.downloaded_at
    if fetched_at is None or fetched_at < clock.now() - _DAY:
        raise CallRefused(404)
    etag = quote_etag(export.sha256)
    if request.headers.get("If-None-Match") and (
        unchanged := get_conditional_response(request, etag=etag)
    ):
        unchanged["Cache-Control"] = "no-store, private"
        return unchanged
    at = timezone.localtime(fetched_at)
    response = JsonResponse({"erreur": _FETCHED.format(at=at)}, status=410)
    response["Cache-Control"] = "no-store, private"
    return response


def _given_file(request: HttpRequest, file: MachineFile) -> HttpResponseBase:
    """Answer 200, 206 of one range (RFC 9110, 14), 304 or 416; each giving is journaled."""
    if (unchanged := get_conditional_response(request, etag=file.etag)) is not None:
        return _dressed(unchanged, file)
    size, part = file.stored.size, _asked_part(request, file)
    if part is not None and part.start >= part.stop:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return _dressed(response, file)
    given = part or range(size)
    if request.method == "HEAD":
        given_bytes: Iterator[bytes] = iter(())  # nothing leaves, so nothing is given
    else:
        _journal(request, file)
        given_bytes = _given(file, given)
    answer = StreamingHttpResponse(
        given_bytes,
        status=200 if part is None else 206,
        content_type=file.stored.media_type,
    )
    answer["Content-Length"] = str(len(given))
    answer["Content-Disposition"] = f'attachment; filename="{file.stored.name}"'
    if part is not None:
        answer["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return _dressed(answer, file)


def _dressed(response: _R, file: MachineFile) -> _R:
    """The checksum of the whole file, whatever part is given (RFC 9530)."""
    digest = base64.b64encode(bytes(file.stored.sha256)).decode()
    response["ETag"] = file.etag
    response["Repr-Digest"] = f"sha-256=:{digest}:"
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _asked_part(request: HttpRequest, file: MachineFile) -> range | None:
    """Return the one part that is asked for; None for the whole, or for what we do not do."""
    size = file.stored.size
    found = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    condition = request.headers.get("If-Range", file.etag)
    if found is None or found[0] == "bytes=-" or condition != file.etag:
        return None
    first, last = found[1], found[2]
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(size, int(last) + 1) if last else size)


def _given(file: MachineFile, part: range) -> Iterator[bytes]:
    """Stream the part; once every byte from the first on was given, the file goes.

    What was handed over counts, also when the line breaks: a machine goes on from what it got. A
    part that begins further on counts for nothing, the last byte alone no more than another.
    """
    stop = part.start
    try:
        for piece in stream_part(file.stored, file.key, part):
            stop += len(piece)
            yield piece
    finally:
        seal = MachineFileKey.objects.filter(pk=file.seal_id)
        seal.filter(given_bytes__gte=part.start, given_bytes__lt=stop).update(given_bytes=stop)
    if stop == file.stored.size and seal.filter(given_bytes=stop).exists():
        with transaction.atomic():
            mark_downloaded(file.export, by=file.export.instance.uuid)
            delete_stored_file(uuid=file.stored.uuid)


def _journal(request: HttpRequest, file: MachineFile) -> None:
    record(
        act=Act.FILE_DOWNLOADED,
        actor=file.export.instance.uuid,
        school_uai=file.export.instance.key_school.uai,
        origin=Origin.of(request),
        details={"file": file.stored.uuid, "kind": file.stored.purpose},
    )
