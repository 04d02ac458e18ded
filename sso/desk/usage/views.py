"""« Fréquentation »: sign-ins by day and profile, without a name."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ent.tabular.responses import CSV, table_response
from sso.desk.managed import managed, page_context
from sso.usage.bars import Period, draw, name_of
from sso.usage.visits import KEPT_DAYS, visits_of


@require_GET
def usage(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    """Draw the visits of a period, and write them as a table."""
    _, found = managed(request, service)
    asked = request.GET.get("periode", "")
    period = Period(asked) if asked in Period.values else Period.MONTH
    today = timezone.localdate()
    drawing = draw(visits_of(found, since=period.start(today)), period, today)
    context = page_context(request, found, drawing=drawing, periods=Period.choices)
    return render(request, "sso/desk/usage.html", context)


@require_GET
def export(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    """The twelve months kept, one line per day and profile, as CSV."""
    _, found = managed(request, service)
    since = timezone.localdate() - timedelta(days=KEPT_DAYS)
    rows = [
        (f"{one.day:%d/%m/%Y}", name_of(one.profile), str(one.count))
        for one in visits_of(found, since=since)
    ]
    header = ("Jour", "Profil", "Connexions")
    return table_response(rows, header=header, name=f"Frequentation-{found.code}", file_format=CSV)
