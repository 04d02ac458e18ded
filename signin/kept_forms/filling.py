"""Putting what was typed back into the form of its page."""

from __future__ import annotations

import re
from collections import deque
from urllib.parse import urlsplit

from lxml import html

from signin.kept_forms.services import PostedForm

_NEVER = frozenset({"submit", "button", "image", "reset", "file", "password", "hidden"})
#: Everything outside « Char » of XML 1.0 (2.2), which lxml refuses.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TICKED = frozenset({"checkbox", "radio"})


def fill_page(page: str, posted: PostedForm) -> str | None:
    """Return the page with what was posted in its form; None when it has no such form.

    A field that the page does not show is added as a hidden one, so that nothing is lost. The
    button that was pressed is not: the person presses it again, or another one. A password is never
    written into a page. Characters that XML cannot hold are dropped.
    """
    document = html.document_fromstring(page)
    form = _form_for(document, posted)
    if form is None:
        return None
    fields = [(_plain(name), [_plain(value) for value in given]) for name, given in posted.fields]
    values = {name: deque(given) for name, given in fields}
    shown = {button.get("name", "") for button in form.iter("button")}
    for control in form.iter("input", "select", "textarea"):
        name = control.get("name", "")
        shown.add(name)
        if name == "csrfmiddlewaretoken" or control.get("type", "").lower() in _NEVER:
            continue
        _fill(control, values.get(name, deque()))
    for name, given in fields:
        for value in given if name not in shown else ():
            form.append(html.Element("input", type="hidden", name=name, value=value))
    filled: str = html.tostring(document, encoding="unicode", doctype="<!DOCTYPE html>")
    return filled


def _plain(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def _form_for(document: html.HtmlElement, posted: PostedForm) -> html.HtmlElement | None:
    """Return the form that posts to the same address and shares most fields.

    What it holds hidden must be what was posted: of a list's forms, that of the same row.
    """
    names = {name for name, _ in posted.fields}
    path = urlsplit(posted.path).path
    candidates = [
        form
        for form in document.forms
        if form.get("method", "").lower() == "post"
        and urlsplit(form.get("action") or urlsplit(posted.shown_at).path).path == path
        and _holds_the_same(form, posted)
    ]
    return max(candidates, key=lambda form: len(names & set(form.fields)), default=None)


def _holds_the_same(form: html.HtmlElement, posted: PostedForm) -> bool:
    given = dict(posted.fields)
    return all(
        control.get("value", "") in given.get(control.get("name", ""), (control.get("value", ""),))
        for control in form.iter("input")
        if control.get("type", "").lower() == "hidden"
        and control.get("name", "") != "csrfmiddlewaretoken"
    )


def _fill(control: html.HtmlElement, values: deque[str]) -> None:
    kind = control.get("type", "text").lower()
    if control.tag == "select":
        for option in control.iter("option"):
            is_chosen = option.get("value", option.text or "") in values
            _set(option, "selected", is_set=is_chosen)
    elif kind in _TICKED:
        _set(control, "checked", is_set=control.get("value", "on") in values)
    elif values:
        value = values.popleft()
        if control.tag == "textarea":
            control.text = f"\n{value}"  # a browser drops the first line's end
        else:
            control.set("value", value)


def _set(element: html.HtmlElement, name: str, *, is_set: bool) -> None:
    if is_set:
        element.set(name, name)
    elif name in element.attrib:
        del element.attrib[name]
