"""One instance: where it is, whom Pronote does not know yet, what can be done; and the guide."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from directory.rights.actors import require
from directory.rights.acts import Act
from ent.pages.names import calm_name
from pronote_bridge.enums import Extra, ListKind
from pronote_bridge.exports.keeping import count_unknown
from pronote_bridge.exports.listed import listed
from pronote_bridge.instances.models import Instance
from pronote_bridge.instances.perms import can_manage, visible_instances
from pronote_bridge.machines.services import machine_access_of
from pronote_bridge.vendor.services import vendor_partner

LAST_EXPORTS = 5
_ALLOWED = "\nInhabituelle, permise par un administrateur ENT"


@require_GET
def instance(request: HttpRequest, instance: uuid.UUID) -> HttpResponse:
    """Show an instance; whoever administers one of its schools sees that it exists."""
    actor = require(request, Act.PRONOTE)
    found = get_object_or_404(visible_instances(actor), uuid=instance)
    context = {
        "instance": found,
        "schools": found.schools,
        "is_whole": can_manage(actor, found),
        "cas": f"{settings.PUBLIC_BASE_URL}{reverse('sso:login').removesuffix('/login')}",
    }
    if context["is_whole"]:
        context |= {
            "rows": listed(found.exports.select_related("base")[:LAST_EXPORTS]),
            "is_known": found.exports.filter(downloaded_at__isnull=False).exists(),
            "unknown": count_unknown(found),
            "settings": _settings(found),
        }
    return render(request, "pronote_bridge/instance.html", context)


def _settings(instance: Instance) -> list[tuple[str, str]]:
    """The settings as pairs of words."""
    access = machine_access_of(instance)
    return [
        ("Adresse", f"{instance.address}{_ALLOWED if instance.allowed_by else ''}"),
        *(
            [("Adresse inhabituelle", "Permise par un administrateur ENT")]
            * bool(instance.allowed_by)
        ),
        (
            "Établissements",
            "\n".join(f"{calm_name(one.name)} ({one.uai})" for one in instance.schools),
        ),
        ("UAI du fichier", instance.key_school.uai),
        ("Listes", ", ".join(ListKind(kind).label for kind in instance.includes)),
        ("Données en plus", ", ".join(Extra(one).label for one in instance.extras) or "Aucune"),
        (
            "À la déconnexion",
            "Pronote est prévenu" if instance.is_sign_out_notified else "Rien n’est envoyé",
        ),
        ("Machines", "Ouvert" if access.is_open else "Fermé"),
    ]


@require_GET
def guide(request: HttpRequest) -> HttpResponse:
    """The administrator's guide, from « Mode avec alimentation » to « supprimer le fichier »."""
    require(request, Act.PRONOTE)
    return render(request, "pronote_bridge/guide.html", {"partner": vendor_partner()})
