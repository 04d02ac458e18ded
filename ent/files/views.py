"""The download of a file that was handed over to this session."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ent.audit.origin import Origin
from ent.files.handoff import HandoffError, open_handoff
from ent.files.responses import download_response, handoff_secret
from ent.web.people import person_uuid


@never_cache
@require_safe
def download(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Stream the file to the session that asked for it; anything else does not exist."""
    try:
        content = open_handoff(
            handoff_uuid=uuid,
            actor=person_uuid(request),
            session_key=request.session.session_key or "",
            secret=handoff_secret(request, uuid),
            origin=Origin.of(request),
        )
    except HandoffError:
        raise Http404 from None
    return download_response(content, is_head=request.method == "HEAD")
