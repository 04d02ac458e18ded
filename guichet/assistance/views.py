"""The helpdesk's pages: search, lists, one page per agent, one page per act."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from ent.audit.origin import Origin
from ent.web.acts import asks_for_recent_proof
from guichet import journal
from guichet.agents.current import agent_of
from guichet.agents.models import AcademicCredential
from guichet.assistance import services
from guichet.assistance.acts_offered import OF_AGENTS, OfferedAct, act_called, acts_for
from guichet.assistance.forms import ActForm, SearchForm
from guichet.assistance.perms import can_act_on, for_helpdesk
from guichet.assistance.services import DeskAct, RefusedAct
from guichet.authority.current import current_guichet
from guichet.enums import KeyEvent, KeyState
from guichet.journal import GuichetAct
from guichet.keys.models import HELD, KeyAct, OtpKey

_MOST: Final = 50
_SOON = timedelta(days=60)
LISTS: Final = (
    ("sans-facteur", "Sans clé"),
    ("verrouillees", "Clés verrouillées"),
    ("jamais-utilisees", "Clés jamais utilisées"),
    ("expirant", "Clés qui expirent"),
    ("a-recuperer", "Clés à récupérer"),
)


@never_cache
@for_helpdesk
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Search, and what waits for somebody."""
    guichet = current_guichet()
    form = SearchForm(request.GET or None)
    typed = request.GET.get("q", "").strip()
    agents = list(form.found(guichet).select_related("person")[: _MOST + 1]) if typed else []
    context = {
        "form": form,
        "typed": typed,
        "agents": agents[:_MOST],
        "has_more": len(agents) > _MOST,
        "lists": [(slug, label, _listed(slug).count()) for slug, label in LISTS],
        "figures": _figures_of_today(),
        "drift": median_drift(),
    }
    return render(request, "guichet/assistance/desk.html", context)


@never_cache
@for_helpdesk
@require_safe
def listed(request: HttpRequest, slug: str) -> HttpResponse:
    """One of the lists."""
    labels = dict(LISTS)
    if slug not in labels:
        raise Http404("no such list")
    found = _listed(slug)
    is_keys = found.model is OtpKey
    context = {
        "label": labels[slug],
        "keys": list(found.select_related("holder")[:500]) if is_keys else [],
        "agents": [] if is_keys else list(found[:500]),
        "count": found.count(),
    }
    return render(request, "guichet/assistance/list.html", context)


@asks_for_recent_proof
@never_cache
@for_helpdesk
@require_safe
def person(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One agent: who they are, their keys, what can be done, what happened."""
    agent = _agent(uuid)
    guichet = current_guichet()
    journal.of_the_desk(
        GuichetAct.AGENT_VIEWED,
        agent,
        actor=agent_of(request),
        authority_code=guichet.authority.code,
        origin=Origin.of(request),
    )
    keys = list(OtpKey.objects.filter(holder=agent).order_by("-assigned_at", "-pk"))
    lines = KeyAct.objects.filter(holder=agent).select_related("key", "actor")[:100]
    verdict = can_act_on(agent_of(request), agent)
    context = {
        "agent": agent,
        "keys": [(key, list(acts_for(key)) if verdict else []) for key in keys],
        "acts": OF_AGENTS if verdict else (),
        "refused": verdict.reason,
        "lines": [_line(one) for one in lines],
        "facts": [
            ("Identifiant", agent.uid),
            ("Fonction", agent.function),
            ("Courriel", agent.email),
            ("Téléphone", agent.phone),
            ("Dernière connexion", agent.last_sign_in_at),
        ],
    }
    return render(request, "guichet/assistance/person.html", context)


@asks_for_recent_proof
@never_cache
@for_helpdesk
@sensitive_variables("shown")
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, uuid: UUID, slug: str, key: UUID | None = None) -> HttpResponse:
    """One act: what it will do, how identity was proved; then it is done."""
    agent, offered = _agent(uuid), act_called(slug)
    if offered is None or offered.needs_key != (key is not None):
        raise Http404("no such act")
    if not can_act_on(agent_of(request), agent):
        raise PermissionDenied("out of the helpdesk's reach")
    row = get_object_or_404(OtpKey, uuid=key, holder=agent) if key is not None else None
    form = offered.form(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and isinstance(form, ActForm):
        try:
            return _do(request, agent, offered, row, form)
        except RefusedAct as refused:
            form.add_error(None, str(refused))
    context = {"agent": agent, "act": offered, "key": row, "form": form}
    return render(request, "guichet/assistance/act.html", context)


def _do(
    request: HttpRequest,
    agent: AcademicCredential,
    offered: OfferedAct,
    key: OtpKey | None,
    form: ActForm,
) -> HttpResponse:
    desk_act = DeskAct(
        guichet=current_guichet(),
        actor=agent_of(request),
        origin=Origin.of(request),
        proof=form.identity_proof,
    )
    typed = form.cleaned_data
    if key is None and offered.event is None:
        return _show_once(request, agent, services.give_first_code(agent, desk_act), None)
    if key is None:
        services.assign_key(typed["serial"], agent, desk_act)
    elif offered.event == KeyEvent.RESCUE_ISSUED:
        shown, until = services.issue_rescue(key.uuid, desk_act)
        return _show_once(request, agent, shown, until, has_pin=key.has_pin)
    elif offered.event == KeyEvent.RESYNCHRONISED:
        services.resynchronise(key.uuid, typed["first"], typed["second"], desk_act)
    elif offered.event is not None:
        services.change_key(key.uuid, offered.event, desk_act)
    done = f"C’est fait\u00a0: {offered.label.lower()}. La personne en est avertie."
    messages.success(request, done)
    address = reverse("guichet:assistance_person", args=[agent.uuid])
    return HttpResponseRedirect(address, status=303)


@sensitive_variables("shown")
def _show_once(
    request: HttpRequest,
    agent: AcademicCredential,
    shown: str,
    until: datetime | None,
    *,
    has_pin: bool = False,
) -> HttpResponse:
    """A secret stands in this one answer and nowhere else (T-F6)."""
    context = {"agent": agent, "shown": shown, "until": until, "has_pin": has_pin}
    response = render(request, "guichet/assistance/handed_over.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _agent(uuid: UUID) -> AcademicCredential:
    agents = AcademicCredential.objects.select_related("person", "authority")
    return get_object_or_404(agents.of(current_guichet().authority), uuid=uuid)


def _line(one: KeyAct) -> dict[str, Any]:
    words = [one.key.serial]
    if one.verdict and one.event == KeyEvent.REFUSED:
        words.append(one.get_verdict_display())
    if one.proof:
        words.append(f"identité\u00a0: {one.get_proof_display().lower()}")
    if one.actor is not None and one.actor_id != one.holder_id:
        words.append(f"par {one.actor.full_name}")
    return {"when": one.at, "title": one.get_event_display(), "words": ", ".join(words)}


def _listed(slug: str) -> QuerySet[Any]:
    authority = current_guichet().authority
    keys = OtpKey.objects.of(authority).order_by("serial", "pk")
    if slug == "verrouillees":
        return keys.filter(state=KeyState.LOCKED)
    if slug == "jamais-utilisees":
        return keys.filter(state=KeyState.ASSIGNED)
    if slug == "expirant":
        return keys.filter(state__in=HELD, expires_on__lte=timezone.localdate() + _SOON)
    if slug == "a-recuperer":
        return keys.filter(state=KeyState.TO_RECOVER)
    held = OtpKey.objects.filter(holder=OuterRef("pk"), state__in=HELD)
    agents = AcademicCredential.objects.of(authority).present()
    return agents.filter(~Exists(held)).order_by("sort_key", "pk")


def _figures_of_today() -> list[tuple[str, int]]:
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    found = KeyAct.objects.filter(at__gte=start, key__authority=current_guichet().authority)
    counts = dict(found.values_list("event").annotate(Count("pk")).order_by("event"))
    return [
        ("Connexions par clé", counts.get(KeyEvent.USED, 0)),
        ("Clés verrouillées", counts.get(KeyEvent.TOO_MANY_FAILURES, 0)),
        ("Mots de passe de secours", counts.get(KeyEvent.RESCUE_ISSUED, 0)),
        ("Premières utilisations", counts.get(KeyEvent.PIN_SET, 0)),
    ]


def median_drift() -> float:
    """Return the median drift of the keys used this month: beyond 20 s our own clock is wrong."""
    month = timezone.now() - timedelta(days=30)
    drifts = sorted(
        OtpKey.objects.of(current_guichet().authority)
        .filter(last_used_at__gt=month)
        .order_by("pk")
        .values_list("drift_seconds", flat=True)
    )
    return drifts[len(drifts) // 2] if drifts else 0.0
