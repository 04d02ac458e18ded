"""The back channel: `validate`, `serviceValidate`, `proxyValidate`, their `p3/` twins, `proxy`.

Services call these, not browsers: no session, no cookie, no forgery token; a ticket is the proof.
Whatever is sent is answered in the words of the protocol, never by a page; a ticket that came with
a request which cannot be answered is dead.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ent.web.unreadable import takes_any_query
from signin.reachable import reachable_during_steps
from sso.enums import FailureCode
from sso.protocol import answers
from sso.protocol.parameters import read_parameters
from sso.protocol.service_requests import is_set
from sso.tickets.proxies import ProxyRefused, issue_proxy_ticket
from sso.tickets.validation import Validated, ValidationFailed, validate

_FORMATS = {"": False, "xml": False, "json": True}
_View = Callable[[HttpRequest], HttpResponse]


def called_by_services(view: _View) -> _View:
    """Mark a view that services call: without session, by GET or POST, with any parameters."""
    guarded = csrf_exempt(require_http_methods(["GET", "POST"])(view))
    return reachable_during_steps(login_not_required(takes_any_query(guarded)))


@called_by_services
def validate_v1(request: HttpRequest) -> HttpResponse:
    """CAS 1: two lines of text."""
    query, fault = read_parameters(request)
    try:
        return answers.plain_success(_validated(query, fault))
    except ValidationFailed:
        return answers.plain_failure()


@called_by_services
def service_validate(request: HttpRequest) -> HttpResponse:
    """CAS 2 and 3 for service tickets."""
    return _validate(request, accepts_proxy=False)


@called_by_services
def proxy_validate(request: HttpRequest) -> HttpResponse:
    """CAS 2 and 3 for service and proxy tickets."""
    return _validate(request, accepts_proxy=True)


@called_by_services
def proxy(request: HttpRequest) -> HttpResponse:
    """A service asks for a proxy ticket for another one."""
    query, fault = read_parameters(request)
    as_json, fault = _format_of(query, fault)
    if fault:
        return answers.proxy_failure(FailureCode.INVALID_REQUEST, fault, as_json=as_json)
    try:
        ticket = issue_proxy_ticket(
            value=query.get("pgt", ""), target=query.get("targetService", "")
        )
    except ProxyRefused as refused:
        return answers.proxy_failure(refused.code, refused.description, as_json=as_json)
    return answers.proxy_success(ticket, as_json=as_json)


def _validate(request: HttpRequest, *, accepts_proxy: bool) -> HttpResponse:
    query, fault = read_parameters(request)
    as_json, fault = _format_of(query, fault)
    try:
        validated = _validated(
            query, fault, accepts_proxy=accepts_proxy, proxy_callback=query.get("pgtUrl", "")
        )
    except ValidationFailed as failed:
        return answers.failure(failed.code, failed.description, as_json=as_json)
    return answers.success(validated, as_json=as_json)


def _validated(
    query: QueryDict, fault: str, *, accepts_proxy: bool = False, proxy_callback: str = ""
) -> Validated:
    return validate(
        value=query.get("ticket", ""),
        address=query.get("service", ""),
        renew=is_set(query, "renew"),
        accepts_proxy=accepts_proxy,
        proxy_callback=proxy_callback,
        fault=fault,
    )


def _format_of(query: QueryDict, fault: str) -> tuple[bool, str]:
    """Return whether JSON is asked for, and what is wrong; an unknown format is answered in XML."""
    as_json = _FORMATS.get(query.get("format", "").lower())
    return bool(as_json), fault if as_json is not None else fault or "unknown format"
