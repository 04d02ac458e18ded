"""The journal screen: each reads their perimeter, and the reading is journaled (T-M4)."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from directory.journal.events import names_behind, readable_events
from directory.journal.forms import JournalForm
from directory.rights.actors import Actor, require
from directory.rights.acts import Act
from directory.rights.walls import readable_persons
from ent.audit.enums import Act as AuditAct
from ent.audit.enums import Outcome
from ent.audit.models import AuditEvent, AuditEventQuerySet, AuditIdentity
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.pages.pagination import COUNT_CAP, paginate
from ent.tabular.responses import CSV, table_response
from ent.web.acts import asks_for_recent_proof

_HEADER = ("Date", "Acte", "Résultat", "Auteur", "Personne concernée", "Établissement", "Adresse")


@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    """Show the events of the actor's perimeter, newest first."""
    actor = require(request, Act.JOURNAL)
    form = JournalForm(request.GET)
    page = paginate(_asked_events(actor, form), request.GET.get("page"))
    lines = _lines(actor, list(page))  # before this reading is recorded too
    record(
        act=AuditAct.JOURNAL_READ,
        actor=actor.uuid,
        origin=Origin.of(request),
        details={"page": page.number},
    )
    context = {
        "form": form,
        "page": page,
        "is_capped": page.paginator.is_capped,
        "lines": lines,
        "is_filtered": any(value for key, value in request.GET.items() if key != "page"),
    }
    return render(request, "directory/journal.html", context)


@require_POST
@asks_for_recent_proof
def export(request: HttpRequest) -> HttpResponse:
    """Export the first thousand events of the same filters as CSV; journaled, too."""
    actor = require(request, Act.JOURNAL)
    events = list(_asked_events(actor, JournalForm(request.POST))[:COUNT_CAP])
    record(
        act=AuditAct.JOURNAL_READ,
        actor=actor.uuid,
        origin=Origin.of(request),
        details={"count": len(events), "format": CSV},
    )
    rows = [
        (
            timezone.localtime(line["event"].occurred_at).strftime("%d/%m/%Y %H:%M:%S"),
            line["event"].act_label,
            line["outcome"].label,
            line["actor"],
            line["subject"],
            line["event"].school_uai,
            line["event"].address or "",
        )
        for line in _lines(actor, events)
    ]
    return table_response(rows, header=_HEADER, name="Journal", file_format=CSV)


def _asked_events(actor: Actor, form: JournalForm) -> AuditEventQuerySet:
    events = readable_events(actor).order_by("-occurred_at", "-id")
    if not form.is_valid():
        return events.none()
    asked = form.cleaned_data
    if asked["acte"]:
        events = events.of_acts([asked["acte"]])
    if asked["resultat"]:
        events = events.filter(outcome=asked["resultat"])
    if asked["du"]:
        events = events.since(_midnight(asked["du"]))
    if asked["au"] and asked["au"] < datetime.date.max:  # the last date has no next
        events = events.filter(occurred_at__lt=_midnight(asked["au"] + datetime.timedelta(days=1)))
    persons = readable_persons(actor)
    if asked["personne"]:
        return _of_persons(events, persons.filter(uuid=asked["personne"]))
    if asked["qui"].strip():
        return _of_persons(events, persons.matching(asked["qui"]))
    return events


def _of_persons(events: AuditEventQuerySet, persons: Any) -> AuditEventQuerySet:
    uuids = list(persons.order_by().values_list("uuid", flat=True)[:COUNT_CAP])
    pseudonyms = AuditIdentity.objects.filter(person_uuid__in=uuids).values("pseudonym")
    return events.filter(Q(actor_pseudonym__in=pseudonyms) | Q(subject_pseudonym__in=pseudonyms))


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _lines(actor: Actor, events: list[AuditEvent]) -> list[dict[str, Any]]:
    names = names_behind(actor, events)
    return [
        {
            "event": event,
            "outcome": Outcome(event.outcome),
            "actor": _name(names, event.actor_pseudonym),
            "subject": _name(names, event.subject_pseudonym),
        }
        for event in events
    ]


def _name(names: dict[Any, str], pseudonym: Any) -> str:
    return names.get(pseudonym, "personne effacée") if pseudonym else ""
