"""The back channel: `validate`, `serviceValidate`, `proxyValidate`, their `p3/` twins, `proxy`.

Services call these, not browsers: no session, no cookie, no forgery token; a ticket is the proof.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.reachable import reachable_during_steps
from sso import answers
from sso.demands import is_set
from sso.enums import FailureCode
from sso.proxies import ProxyRefused, issue_proxy_ticket
from sso.validation import ValidationFailed, validate

_FORMATS = {"": False, "xml": False, "json": True}


@reachable_during_steps
@login_not_required
@csrf_exempt
@require_http_methods(["GET", "POST"])
def validate_v1(request: HttpRequest) -> HttpResponse:
    """CAS 1: two lines of text."""
    query = _query(request)
    try:
        validated = validate(
            value=query.get("ticket", ""),
            address=query.get("service", ""),
            renew=is_set(query, "renew"),
        )
    except ValidationFailed:
        return answers.plain_failure()
    return answers.plain_success(validated)


@reachable_during_steps
@login_not_required
@csrf_exempt
@require_http_methods(["GET", "POST"])
def service_validate(request: HttpRequest) -> HttpResponse:
    """CAS 2 and 3 for service tickets."""
    return _validate(request, accepts_proxy=False)


@reachable_during_steps
@login_not_required
@csrf_exempt
@require_http_methods(["GET", "POST"])
def proxy_validate(request: HttpRequest) -> HttpResponse:
    """CAS 2 and 3 for service and proxy tickets."""
    return _validate(request, accepts_proxy=True)


@reachable_during_steps
@login_not_required
@csrf_exempt
@require_http_methods(["GET", "POST"])
def proxy(request: HttpRequest) -> HttpResponse:
    """A service asks for a proxy ticket for another one."""
    query = _query(request)
    as_json = _FORMATS.get(query.get("format", "").lower())
    if as_json is None:
        return answers.proxy_failure(FailureCode.INVALID_REQUEST, "unknown format", as_json=False)
    try:
        ticket = issue_proxy_ticket(
            value=query.get("pgt", ""), target=query.get("targetService", "")
        )
    except ProxyRefused as refused:
        return answers.proxy_failure(refused.code, refused.description, as_json=as_json)
    return answers.proxy_success(ticket, as_json=as_json)


def _validate(request: HttpRequest, *, accepts_proxy: bool) -> HttpResponse:
    query = _query(request)
    as_json = _FORMATS.get(query.get("format", "").lower())
    if as_json is None:
        return answers.failure(FailureCode.INVALID_REQUEST, "unknown format", as_json=False)
    try:
        validated = validate(
            value=query.get("ticket", ""),
            address=query.get("service", ""),
            renew=is_set(query, "renew"),
            accepts_proxy=accepts_proxy,
            proxy_callback=query.get("pgtUrl", ""),
        )
    except ValidationFailed as failed:
        return answers.failure(failed.code, failed.description, as_json=as_json)
    return answers.success(validated, as_json=as_json)


def _query(request: HttpRequest) -> QueryDict:
    """The parameters, from the address or from a posted form."""
    if request.method != "POST":
        return request.GET
    query = request.GET.copy()
    for name, values in request.POST.lists():
        query.setlist(name, values)
    return query
