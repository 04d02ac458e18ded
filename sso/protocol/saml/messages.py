"""SAML 1.1 messages of `samlValidate`, read with care and written by hand."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from xml.sax.saxutils import escape, quoteattr

from django.utils import timezone

from ent.web.small_xml import parse_small
from sso.protocol.answers import all_attributes, instant
from sso.release.rules import clean
from sso.tickets.validation import Validated

_PROTOCOL = "{urn:oasis:names:tc:SAML:1.0:protocol}"
_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
_REQUEST_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}")
_VALID_FOR = timedelta(seconds=60)


class SamlRefused(ValueError):
    """The message is no SAML request that we read."""


@dataclass(frozen=True, slots=True)
class SamlRequest:
    """What the SOAP message asks: the ticket, and the request's own identifier."""

    artifact: str
    request_id: str


def read_artifact(body: bytes) -> SamlRequest:
    """Return the ticket of a SOAP request; hostile XML is refused unread (T-H3, T-H4)."""
    if b"<!" in body:
        raise SamlRefused("No document type, comment or CDATA section is accepted")
    root = parse_small(body)
    if root is None:
        raise SamlRefused("The request is not well-formed XML without document type")
    asked = root.find(f"{_ENVELOPE}Body/{_PROTOCOL}Request")
    if root.tag != f"{_ENVELOPE}Envelope" or asked is None:
        raise SamlRefused("The request is not a SAML 1.1 request in a SOAP envelope")
    artifact = (asked.findtext(f"{_PROTOCOL}AssertionArtifact") or "").strip()
    if not artifact:
        raise SamlRefused("The request holds no AssertionArtifact")
    request_id = str(asked.get("RequestID") or "")
    return SamlRequest(
        artifact=artifact, request_id=request_id if _REQUEST_ID.fullmatch(request_id) else ""
    )


def denied(status: str, text: str, *, target: str, request_id: str = "") -> str:
    """A response without assertion: the status, and why."""
    inner = (
        f'<samlp:StatusCode Value="samlp:{status}"/>'
        f"<samlp:StatusMessage>{escape(clean(text))}</samlp:StatusMessage>"
    )
    return _response(f"<samlp:Status>{inner}</samlp:Status>", target, request_id)


def success(validated: Validated, *, issuer: str, request_id: str) -> str:
    """A response with one assertion: subject, attributes, when and where."""
    now = timezone.now()
    subject = (
        "<saml:Subject>"
        f"<saml:NameIdentifier>{escape(validated.released.user)}</saml:NameIdentifier>"
        "<saml:SubjectConfirmation><saml:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:artifact"
        "</saml:ConfirmationMethod></saml:SubjectConfirmation></saml:Subject>"
    )
    audience = escape(clean(validated.address))
    assertion = (
        f'<saml:Assertion AssertionID="_{uuid.uuid4().hex}" IssueInstant="{instant(now)}"'
        f' Issuer={quoteattr(issuer)} MajorVersion="1" MinorVersion="1">'
        f'<saml:Conditions NotBefore="{instant(now - timedelta(seconds=5))}"'
        f' NotOnOrAfter="{instant(now + _VALID_FOR)}"><saml:AudienceRestrictionCondition>'
        f"<saml:Audience>{audience}</saml:Audience></saml:AudienceRestrictionCondition>"
        "</saml:Conditions>"
        f'<saml:AuthenticationStatement AuthenticationInstant="'
        f'{instant(validated.authenticated_at)}"'
        ' AuthenticationMethod="urn:oasis:names:tc:SAML:1.0:am:unspecified">'
        f"{subject}</saml:AuthenticationStatement>"
        f"<saml:AttributeStatement>{subject}{_attributes(validated)}</saml:AttributeStatement>"
        "</saml:Assertion>"
    )
    status = '<samlp:Status><samlp:StatusCode Value="samlp:Success"/></samlp:Status>'
    return _response(status + assertion, validated.address, request_id)


def _attributes(validated: Validated) -> str:
    parts = []
    for name, values in all_attributes(validated):
        inner = "".join(
            f"<saml:AttributeValue>{escape(value)}</saml:AttributeValue>" for value in values
        )
        parts.append(
            f'<saml:Attribute AttributeName="{name}"'
            f' AttributeNamespace="http://www.ja-sig.org/products/cas/">{inner}</saml:Attribute>'
        )
    return "".join(parts)


def _response(inner: str, target: str, request_id: str) -> str:
    answered = f' InResponseTo="{request_id}"' if request_id else ""
    recipient = f" Recipient={quoteattr(clean(target))}" if target else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/">'
        "<SOAP-ENV:Header/><SOAP-ENV:Body>"
        '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol"'
        ' xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion"'
        f' IssueInstant="{instant(timezone.now())}" MajorVersion="1" MinorVersion="1"'
        f' ResponseID="_{uuid.uuid4().hex}"{answered}{recipient}>{inner}</samlp:Response>'
        "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
