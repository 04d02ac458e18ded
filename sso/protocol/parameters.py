"""The parameters of a call, read without ever failing: a service is answered whatever it sends."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError

# Too long, too many fields, cut off, not a form, not UTF-8.
_UNREADABLE: Final = (SuspiciousOperation, BadRequest, MultiPartParserError, OSError)


def read_parameters(request: HttpRequest) -> tuple[QueryDict, str]:
    """Return the parameters of the address and of a posted form, which wins; and what is wrong.

    What could be read is there even when something is wrong: a ticket in the address of a call
    whose form cannot be read must not outlive it.
    """
    query = QueryDict(mutable=True)
    try:
        query = request.GET.copy()
        if request.method == "POST":
            for name, values in request.POST.lists():
                query.setlist(name, values)
    except _UNREADABLE:
        return query, "the parameters are too long, too many or not readable"
    return query, ""
