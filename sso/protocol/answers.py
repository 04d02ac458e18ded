"""The answers of validation and of proxying, in XML and in JSON (CAS 3.0.3, appendix A and C)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from django.http import HttpResponse, JsonResponse

from sso.enums import FailureCode
from sso.release.rules import Attributes, clean
from sso.tickets.validation import Validated

_HEAD = '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">\n'
_FOOT = "</cas:serviceResponse>\n"


def instant(moment: datetime) -> str:
    """An instant as XML writes it, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def all_attributes(validated: Validated) -> Attributes:
    """The protocol's three attributes, what the realm tells of the sign-in, then the contract's."""
    return [
        ("authenticationDate", [instant(validated.authenticated_at)]),
        ("longTermAuthenticationRequestTokenUsed", ["false"]),
        ("isFromNewLogin", ["true" if validated.is_primary else "false"]),
        *validated.about_sign_in,
        *validated.released.attributes,
    ]


def plain_success(validated: Validated) -> HttpResponse:
    """CAS 1: « yes », then the user."""
    return _plain(f"yes\n{validated.released.user}\n")


def plain_failure() -> HttpResponse:
    """CAS 1: « no »."""
    return _plain("no\n")


def success(validated: Validated, *, as_json: bool) -> HttpResponse:
    """`authenticationSuccess`: the user, the attributes, the proxies."""
    if as_json:
        return _json({"authenticationSuccess": _success_object(validated)})
    parts = [f"<cas:user>{escape(validated.released.user)}</cas:user>", "<cas:attributes>"]
    for name, values in all_attributes(validated):
        parts += [f"  <cas:{name}>{escape(value)}</cas:{name}>" for value in values]
    parts.append("</cas:attributes>")
    if validated.grant_iou:
        parts.append(f"<cas:proxyGrantingTicket>{validated.grant_iou}</cas:proxyGrantingTicket>")
    if validated.proxies:
        proxies = [f"  <cas:proxy>{escape(proxy)}</cas:proxy>" for proxy in validated.proxies]
        parts += ["<cas:proxies>", *proxies, "</cas:proxies>"]
    return _xml("authenticationSuccess", parts)


def failure(code: FailureCode, description: str, *, as_json: bool) -> HttpResponse:
    """`authenticationFailure` with the protocol's code; never what was sent to us."""
    return _failure("authenticationFailure", code, description, as_json=as_json)


def proxy_success(ticket: str, *, as_json: bool) -> HttpResponse:
    """`proxySuccess` with the proxy ticket."""
    if as_json:
        return _json({"proxySuccess": {"proxyTicket": ticket}})
    return _xml("proxySuccess", [f"<cas:proxyTicket>{ticket}</cas:proxyTicket>"])


def proxy_failure(code: FailureCode, description: str, *, as_json: bool) -> HttpResponse:
    """`proxyFailure` with the protocol's code."""
    return _failure("proxyFailure", code, description, as_json=as_json)


def _success_object(validated: Validated) -> dict[str, object]:
    attributes: dict[str, object] = {
        name: values[0] if len(values) == 1 else values
        for name, values in all_attributes(validated)
    }
    attributes["isFromNewLogin"] = validated.is_primary
    attributes["longTermAuthenticationRequestTokenUsed"] = False
    found: dict[str, object] = {"user": validated.released.user, "attributes": attributes}
    if validated.grant_iou:
        found["proxyGrantingTicket"] = validated.grant_iou
    if validated.proxies:
        found["proxies"] = validated.proxies
    return found


def _failure(element: str, code: FailureCode, description: str, *, as_json: bool) -> HttpResponse:
    if as_json:
        return _json({element: {"code": code.value, "description": description}})
    text = (
        f'{_HEAD}  <cas:{element} code="{code.value}">{escape(clean(description))}'
        f"</cas:{element}>\n{_FOOT}"
    )
    return _answer(text, "application/xml; charset=utf-8")


def _xml(element: str, parts: Iterable[str]) -> HttpResponse:
    inner = "".join(f"    {part}\n" for part in parts)
    text = f"{_HEAD}  <cas:{element}>\n{inner}  </cas:{element}>\n{_FOOT}"
    return _answer(text, "application/xml; charset=utf-8")


def _json(content: dict[str, object]) -> HttpResponse:
    response = JsonResponse({"serviceResponse": content})
    response.headers["Cache-Control"] = "no-store"
    return response


def _plain(text: str) -> HttpResponse:
    return _answer(text, "text/plain; charset=utf-8")


def _answer(text: str, content_type: str) -> HttpResponse:
    return HttpResponse(text, content_type=content_type, headers={"Cache-Control": "no-store"})
