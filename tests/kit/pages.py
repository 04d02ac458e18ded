"""What every HTML page must hold to, whatever it is about."""

import re
from typing import TypeGuard
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from lxml import html

_UNRENDERED = re.compile(r"\{\{|\}\}|\{%|%\}|\{#")
_RELS_THAT_LOAD_NOTHING = {"canonical", "alternate", "license", "author"}
_EXTERNAL = re.compile(r"^(?:https?:)?//", re.IGNORECASE)


def is_html(response: HttpResponseBase) -> TypeGuard[HttpResponse]:
    """Whether the answer is a page (or a fragment) rather than a file or data."""
    return (
        isinstance(response, HttpResponse)
        and response.headers.get("Content-Type", "").startswith("text/html")
        and bool(response.content)
    )


def page_faults(text: str, *, own: bool = True) -> list[str]:
    """Return the house rules that the page breaks, as sentences.

    `own=False` is for pages that a library writes (the operators' admin): rules of safety only.
    """
    faults: list[str] = []
    if own and (found := _UNRENDERED.search(text)):
        around = text[max(0, found.start() - 40) : found.end() + 40]
        faults.append(f"unrendered template syntax: …{around!r}…")
    tree = html.fromstring(text)
    for element in tree.iter():
        if type(element.tag) is not str:  # a comment, a processing instruction
            continue
        name = f"<{element.tag}>"
        for attribute, value in element.attrib.items():
            attribute, value = str(attribute).lower(), str(value)
            if attribute.startswith("on"):
                faults.append(f"inline handler {attribute} on {name}")
            if attribute == "style" and own:
                faults.append(f"inline style on {name}: {value}")
            if value.strip().lower().startswith("javascript:"):
                faults.append(f"javascript: URL on {name}")
        if element.tag == "script":
            is_data = str(element.get("type", "")).endswith("json")
            if not element.get("src") and not element.get("nonce") and not is_data:
                faults.append("inline script without nonce")
        if element.tag == "style" and not element.get("nonce"):
            faults.append("inline style sheet without nonce")
        source = element.get("src")
        if element.tag == "link" and element.get("rel") not in _RELS_THAT_LOAD_NOTHING:
            source = element.get("href")
        if source and _EXTERNAL.match(source) and urlsplit(source).hostname != "testserver":
            faults.append(f"{name} loads {source} from another host")
        if element.tag == "form" and str(element.get("method", "get")).lower() == "post":
            action = str(element.get("action") or "")
            foreign = bool(_EXTERNAL.match(action))
            if not foreign and not element.xpath(".//input[@name='csrfmiddlewaretoken']"):
                faults.append(f"form to {action or 'itself'} without CSRF token")
    faults.extend(_repeated_identifiers(tree))
    return faults


def _repeated_identifiers(tree: html.HtmlElement) -> list[str]:
    seen: set[str] = set()
    faults = []
    for identifier in tree.xpath("//@id"):
        if identifier in seen:
            faults.append(f"identifier {identifier!r} stands twice in the page")
        seen.add(str(identifier))
    return faults
