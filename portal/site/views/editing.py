"""What the pages that edit a text share: preview, conflict, saving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from directory.models import School
from portal.site.forms import TextForm
from portal.site.managed import page_context
from portal.site.texts import (
    OvertakenError,
    author_name,
    body_of,
    stored_html,
)
from portal.writing.cleaning import markdown_of
from portal.writing.differences import differences

PREVIEW: Final = "apercu"
PUBLISH: Final = "publier"
SAVE: Final = "enregistrer"
_CONFLICT: Final = 409


def edit(
    request: HttpRequest,
    *,
    school: School,
    form: TextForm,
    save: Callable[[int, str], HttpResponse],
    heading: str,
    **context: Any,
) -> HttpResponse:
    """Show a text to be edited, its preview, or what somebody else saved meanwhile.

    *save* gets the version on which the text is based and what was asked (`PUBLISH`, `SAVE`).
    """
    status = 200
    if request.method == "POST" and form.is_valid():
        asked = request.POST.get("acte", SAVE)
        if asked == PREVIEW:
            context["preview"] = stored_html(form.cleaned_data["body"], school)
        else:
            try:
                return save(form.cleaned_data["version"], asked)
            except OvertakenError as overtaken:
                context["conflict"] = _conflict(form, overtaken)
                form = _based_on(form, overtaken.text.version)
                status = _CONFLICT
    context = page_context(school, form=form, heading=heading, **context)
    return render(request, "portal/site/edit.html", context, status=status)


def _conflict(form: TextForm, overtaken: OvertakenError) -> dict[str, Any]:
    other = markdown_of(body_of(overtaken.text))
    return {
        "author": author_name(overtaken.saved),
        "saved": overtaken.saved,
        "lines": differences(other, form.cleaned_data["body"]),
    }


def _based_on(form: TextForm, version: int) -> TextForm:
    """The same form with all that was typed, to be saved over *version*."""
    data = form.data.copy()  # type: ignore[attr-defined]
    data["version"] = str(version)
    form.data = data
    return form
