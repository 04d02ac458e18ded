"""What the directory counts beside its entries of « Administration »."""

from __future__ import annotations

from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone

from directory.imports.deposits.perms import importable_authorities, visible_deliveries
from directory.imports.deposits.services import APPLICABLE
from directory.journal.events import readable_events
from directory.lifecycle.leavers import due_this_week, visible_leavers
from directory.rights.actors import actor_of
from directory.rights.acts import Act
from directory.rights.walls import visible_grants, visible_schools
from ent.pages.figures import count_capped, figure
from ent.pages.french import day_words


def waiting_deliveries(request: HttpRequest) -> int:
    """How many deliveries have their preview and wait for somebody to apply or abandon them."""
    waiting = visible_deliveries(actor_of(request)).filter(state__in=APPLICABLE)
    return count_capped(waiting.exclude(uploads=[]))


def imports(request: HttpRequest) -> str:
    """« 1 livraison en attente », else the day of the last import."""
    if waiting := waiting_deliveries(request):
        return figure(waiting, "livraison en attente", "livraisons en attente")
    applied = visible_deliveries(actor_of(request)).order_by().aggregate(last=Max("applied_at"))
    last = applied["last"]
    return f"Dernier import le {day_words(last)}" if last is not None else "Aucun import"


def grants(request: HttpRequest) -> str:
    """« 14 accès en vigueur »."""
    found = visible_grants(actor_of(request)).in_force()
    return figure(count_capped(found), "accès en vigueur", "accès en vigueur")


def schools(request: HttpRequest) -> str:
    """« 12 établissements »."""
    found = visible_schools(actor_of(request), Act.LIFE_CYCLE).active()
    return figure(count_capped(found), "établissement", "établissements")


def leavers(request: HttpRequest) -> str:
    """« 3 effacés cette semaine », else « 12 comptes en départ »."""
    found = visible_leavers(actor_of(request))
    if due := count_capped(found.filter(due_this_week(timezone.localdate()))):
        return figure(due, "effacé cette semaine", "effacés cette semaine")
    return figure(count_capped(found), "compte", "comptes", none="Aucun compte")


def authorities(request: HttpRequest) -> str:
    """« 3 autorités »."""
    found = importable_authorities(actor_of(request))
    return figure(count_capped(found), "autorité", "autorités", none="Aucune autorité")


def events(request: HttpRequest) -> str:
    """« 132 actes aujourd’hui »."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    found = readable_events(actor_of(request)).filter(occurred_at__gte=today)
    return figure(count_capped(found), "acte aujourd’hui", "actes aujourd’hui")
