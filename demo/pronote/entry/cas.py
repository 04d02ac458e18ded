"""A CAS client that validates tickets in four ways: which one the vendor uses is not public."""

from __future__ import annotations

import http.client
import secrets
import urllib.error
import urllib.request
from datetime import UTC, datetime
from enum import Enum
from typing import Final
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

from lxml import etree

_CAS: Final = {"cas": "http://www.yale.edu/tp/cas"}
_SAML: Final = {
    "soap": "http://schemas.xmlsoap.org/soap/envelope/",
    "samlp": "urn:oasis:names:tc:SAML:1.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:1.0:assertion",
}
_REQUEST: Final = (
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>'
    '<samlp:Request xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol" MajorVersion="1"'
    ' MinorVersion="1" RequestID="_{request_id}" IssueInstant="{instant}">'
    "<samlp:AssertionArtifact>{ticket}</samlp:AssertionArtifact></samlp:Request>"
    "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
)
_SECONDS: Final = 8
_LONGEST_ANSWER_BYTES: Final = 200_000


class Endpoint(Enum):
    """Where the CAS server is asked about a ticket."""

    SERVICE_VALIDATE = "serviceValidate"
    P3_SERVICE_VALIDATE = "p3/serviceValidate"
    PROXY_VALIDATE = "proxyValidate"
    SAML_VALIDATE = "samlValidate"


class TicketRefused(Exception):
    """Nobody comes in by this ticket; the message is a French sentence for the page."""


def login_address(base_url: str, service: str) -> str:
    """Return where the browser signs in; the colon is not escaped (`https:%2F%2F`)."""
    return f"{base_url.rstrip('/')}/login?service={quote(service, safe=':')}"


def identifier_of(base_url: str, endpoint: Endpoint, service: str, ticket: str) -> str:
    """Ask the server whose ticket this is; return the identifier that it gives."""
    base_url = base_url.rstrip("/")
    if endpoint is Endpoint.SAML_VALIDATE:
        found = _saml_subject(_ask(_saml_request(base_url, service, ticket)))
    else:
        asked = urlencode({"service": service, "ticket": ticket})
        found = _cas_user(_ask(urllib.request.Request(f"{base_url}/{endpoint.value}?{asked}")))  # noqa: S310
    if not found:
        raise TicketRefused(
            "L’ENT n’a pas confirmé votre connexion : le lien a déjà servi, ou il est trop ancien."
        )
    return found


def ended_ticket(message: str) -> str:
    """Return the ticket that a sign-out message names, "" when it is no such message."""
    root = _parse(message.encode())
    found = (
        root.findtext("{urn:oasis:names:tc:SAML:2.0:protocol}SessionIndex")
        if root is not None
        else ""
    )
    return (found or "").strip()


def _saml_request(base_url: str, service: str, ticket: str) -> urllib.request.Request:
    body = _REQUEST.format(
        request_id=secrets.token_hex(16),
        instant=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        ticket=escape(ticket),
    )
    return urllib.request.Request(  # noqa: S310
        f"{base_url}/samlValidate?{urlencode({'TARGET': service})}",
        data=body.encode(),
        headers={"Content-Type": "text/xml; charset=utf-8"},
    )


def _ask(request: urllib.request.Request) -> etree._Element | None:
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return _parse(answer.read(_LONGEST_ANSWER_BYTES))
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        raise TicketRefused(
            "L’ENT ne répond pas : Pronote n’a pas pu vérifier votre connexion. Réessayez dans "
            "quelques minutes."
        ) from None


def _cas_user(root: etree._Element | None) -> str:
    found = (
        root.findtext("cas:authenticationSuccess/cas:user", "", _CAS) if root is not None else ""
    )
    return (found or "").strip()


def _saml_subject(root: etree._Element | None) -> str:
    if root is None:
        return ""
    status = root.find("soap:Body/samlp:Response/samlp:Status/samlp:StatusCode", _SAML)
    if status is None or str(status.get("Value")).rpartition(":")[2] != "Success":
        return ""
    found = root.findtext(
        "soap:Body/samlp:Response/saml:Assertion/saml:AuthenticationStatement"
        "/saml:Subject/saml:NameIdentifier",
        "",
        _SAML,
    )
    return (found or "").strip()


def _parse(text: bytes) -> etree._Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(text, parser) if text else None
    except etree.XMLSyntaxError:
        return None
