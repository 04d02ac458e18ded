"""Every address of the portal, with an example of each, found in the resolver itself.

A room that adds an address adds nothing here: arguments are invented from the converters. What a
rule exempts stands in this one module, with its reason.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from directory.models import School

#: What services call themselves, and what each call consumes or writes.
BACK_CHANNEL = (
    "sso:validate",
    "sso:service_validate",
    "sso:proxy_validate",
    "sso:p3_service_validate",
    "sso:p3_proxy_validate",
    "sso:saml_validate",
    "sso:proxy",
)

#: What machines of Pronote call, without cookie; every call is counted, a refused one journaled.
MACHINES = ("pronote:machine-start", "pronote:machine-state", "pronote:machine-file")

#: Views whose forgery protection is not Django's token (reason beside each).
OWN_FORGERY_PROTECTION = {
    "accounts:door": "one-time login ticket (signin.form_tickets), tested with the doors",
    "accounts:check_secret": "one-time login ticket (signin.form_tickets), tested with the doors",
    "accounts:door_return": "a sign-out ends what its answers opened; a return meets a departure",
    "accounts:mire": "the ticket for a door's form, Django's token for the mire's",
    "accounts:sign_out": "token of any age or own origin, tested with the late forms",
    "sso:logout": "the protocol’s sign-out, which any page may ask for",
    "sso:login": "the same ticket, for a door's form and for the page of `warn`",
    **dict.fromkeys(BACK_CHANNEL, "called by services, without cookie: a ticket is the proof"),
    **dict.fromkeys(MACHINES, "called by machines, without cookie: a secret is the proof"),
}

#: Addresses whose GET may write, and what it writes.
GET_MAY_WRITE: dict[str, str] = {
    "messaging:message": "the day on which its recipient opened it, the first time",
    "sso:login": "a ticket",
    "sso:logout": "ends the session: the protocol’s sign-out is a GET",
    **dict.fromkeys(BACK_CHANNEL, "consumes a ticket"),
    **dict.fromkeys(MACHINES, "counts the call"),
}

#: Tables that reading may touch: the last visit (once a minute), the journal of what was read
#: (T-M4), and the count of sheets opened, which slows down who harvests (T-I4).
TOUCHED_BY_READING = frozenset(
    {
        "signin_session",
        "audit_auditevent",
        "audit_auditidentity",
        "directory_sheetcount",
    }
)

#: The operators' admin is Django's own: its addresses are swept as one, by their prefix.
LIBRARY_PREFIXES = ("operateurs/",)

_EXAMPLES = {
    "uuid": str(uuid.UUID(int=7)),
    "int": "7",
    "slug": "exemple",
    "str": "exemple",
    "path": "exemple",
    "colour": "0d6b5e",
    "text_kind": "mentions-legales",
    "uai": "0541111A",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A path of the portal and the name that the resolver gives it."""

    name: str
    path: str


def all_addresses() -> list[Address]:
    """Return one example of every address of the resolver."""
    return sorted(_walk(get_resolver(), "", ""), key=lambda address: (address.path, address.name))


def paths_of_real_objects(address: Address) -> list[str]:
    """Return the address with the UUID of one row of each table that has one, and a real UAI."""
    found = []
    if _EXAMPLES["uuid"] in address.path:
        found = [address.path.replace(_EXAMPLES["uuid"], real) for real in _real_uuids()]
    school = School.objects.filter(is_active=True).first()
    if school is not None and "exemple" in address.path:
        found.append(address.path.replace("exemple", school.slug))
    if school is not None and _EXAMPLES["uai"] in address.path:
        found.append(address.path.replace(_EXAMPLES["uai"], school.uai))
    return found


def _real_uuids() -> list[str]:
    models = [model for model in apps.get_models() if hasattr(model, "uuid")]
    firsts = (model._default_manager.values_list("uuid", flat=True).first() for model in models)
    return [str(value) for value in firsts if value is not None]


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        path = prefix + _example(entry)
        if isinstance(entry, URLResolver):
            inner = entry.namespace or ""
            yield from _walk(entry, path, f"{namespace}{inner}:" if inner else namespace)
        elif isinstance(entry, URLPattern) and not path.startswith(LIBRARY_PREFIXES):
            yield Address(name=f"{namespace}{entry.name}", path=f"/{path}")


def _example(entry: URLPattern | URLResolver) -> str:
    """Return the entry's own part of the path, its arguments invented."""
    route = str(entry.pattern)
    for name, converter in entry.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        example = next(
            (value for key, value in _EXAMPLES.items() if f"<{key}:{name}>" in route),
            "exemple" if kind == "string" else "",
        )
        if not example:
            raise AssertionError(f"{route}: no example for the converter of {name!r}")
        for written in (f"<{key}:{name}>" for key in _EXAMPLES):
            route = route.replace(written, example)
        route = route.replace(f"<{name}>", example)
    return route
