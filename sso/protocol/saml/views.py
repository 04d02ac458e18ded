"""`/cas/samlValidate`: SAML 1.1 over SOAP, for clients that ask so (Apereo CAS, appendix)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ent.mail.messages import portal_address
from ent.web.unreadable import takes_any_query
from signin.reachable import reachable_during_steps
from sso.protocol.saml.messages import (
    SamlRefused,
    denied,
    read_artifact,
    success,
)
from sso.tickets.validation import ValidationFailed, validate

_LONGEST = 65_536


@reachable_during_steps
@login_not_required
@csrf_exempt
@takes_any_query
@require_http_methods(["POST"])
def saml_validate(request: HttpRequest) -> HttpResponse:
    """Validate the artifact of the SOAP body for the service that TARGET names."""
    target = _target(request)
    try:
        asked = read_artifact(_body(request))
    except SamlRefused as refused:
        return _answer(denied("Requester", refused.args[0], target=target))
    try:
        validated = validate(value=asked.artifact, address=target)
    except ValidationFailed as failed:
        text = f"{failed.code.value}: {failed.description}"
        return _answer(denied("RequestDenied", text, target=target, request_id=asked.request_id))
    issuer = portal_address("/cas")
    return _answer(success(validated, issuer=issuer, request_id=asked.request_id))


def _target(request: HttpRequest) -> str:
    try:
        return request.GET.get("TARGET", "")
    except TooManyFieldsSent:
        return ""  # whose ticket is dead, for want of a service


def _body(request: HttpRequest) -> bytes:
    try:
        length = int(request.headers.get("Content-Length") or 0)
        body = request.body if length <= _LONGEST else b""
    except (ValueError, RawPostDataException, OSError):
        raise SamlRefused("The request cannot be read") from None
    if length > _LONGEST or len(body) > _LONGEST:
        raise SamlRefused("The request is too long")
    return body


def _answer(text: str) -> HttpResponse:
    return HttpResponse(
        text, content_type="text/xml; charset=utf-8", headers={"Cache-Control": "no-store"}
    )
