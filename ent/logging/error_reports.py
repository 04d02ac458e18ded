"""What an error report may hold: where the fault is, and nothing of the person who met it (T-M1).

Django hides what a decorator names, and only without DEBUG. A report can reach a mailbox, a screen
or a file, so here nothing typed is ever in it: no posted field, no cookie, no query, no local
variable of any frame. The line numbers, the code around them and the reference that the person
quotes are enough to find the fault.
"""

from __future__ import annotations

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from ent.logging.lines import hide_one_time

_HIDDEN_META = frozenset({"QUERY_STRING", "REQUEST_URI", "RAW_URI", "HTTP_REFERER"})


class ReporterFilter(SafeExceptionReporterFilter):
    """Hides everything that was typed, whatever the settings."""

    def is_active(self, request: HttpRequest | None) -> bool:
        """Always: a screen of a demonstration is photographed too."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return the names that were posted, each with stars."""
        if request is None:
            return {}
        return dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        """Return the names of the cookies, each with stars."""
        return dict.fromkeys(getattr(request, "COOKIES", {}), self.cleansed_substitute)

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        """Return the environment of the request without what an address may carry."""
        safe = super().get_safe_request_meta(request)
        return {
            name: self.cleansed_substitute if name in _HIDDEN_META or "COOKIE" in name else value
            for name, value in safe.items()
        }

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        """Return the names of the local variables, each with stars."""
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()


class Reporter(ExceptionReporter):
    """A report whose address has no query."""

    def get_traceback_data(self) -> dict[str, Any]:
        """Drop the query, which may hold a link's token."""
        data: dict[str, Any] = super().get_traceback_data()
        data["request_GET_items"] = QueryDict().items()
        if self.request is not None:
            data["request_insecure_uri"] = self.request.path
        return data

    def get_traceback_html(self) -> SafeString:
        """Return the page without any one-time token that its addresses held (T-C6)."""
        return mark_safe(hide_one_time(super().get_traceback_html()))  # noqa: S308 - cut, not added

    def get_traceback_text(self) -> SafeString:
        """Return the text without any one-time token that its addresses held."""
        return mark_safe(hide_one_time(super().get_traceback_text()))  # noqa: S308 - cut, not added
