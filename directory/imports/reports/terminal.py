"""A delivery told in French lines: what the command line prints at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from directory.enums import AnomalySeverity, Category, DeliveryState
from directory.models.deliveries import Delivery
from ent.pages.french import number_words

WORDS = {
    "created": "nouveaux",
    "changed": "modifiés",
    "moved": "changent d’établissement",
    "leaving": "en départ",
    "unchanged": "inchangés",
}
EXAMPLES = 3


def describe(delivery: Delivery, *, preview: bool) -> Iterator[str]:
    """The outcome, the people by category, the guard, the anomalies by kind with examples."""
    if delivery.state == DeliveryState.REFUSED:
        yield f"Livraison refusée, rien n’a été écrit dans l’annuaire.\n  {delivery.refusal}"
        return
    yield _title(delivery, preview)
    counters: dict[str, Any] = delivery.counters
    for category in (Category.PUPIL, Category.GUARDIAN, Category.STAFF):
        of_category = counters.get("by_category", {}).get(category.value)
        if of_category:
            parts = [
                f"{number_words(of_category[k])} {w}"
                for k, w in WORDS.items()
                if of_category.get(k)
            ]
            yield f"  {category.label} : " + ", ".join(parts)
    if counters.get("accounts_wanted"):
        yield f"  Comptes à créer : {number_words(counters['accounts_wanted'])}"
    if counters.get("roles_ended"):
        yield f"  Accès donnés à la main qui prennent fin : {number_words(counters['roles_ended'])}"
    schools = [s for s in counters.get("schools", []) if s["uai"]]
    if schools:
        yield f"  Établissements concernés : {number_words(len(schools))}"
    yield from _guard(delivery)
    yield from _anomalies(delivery)


def _title(delivery: Delivery, preview: bool) -> str:
    if delivery.state == DeliveryState.APPLIED:
        if not any(
            delivery.counters.get(kind) for kind in ("created", "changed", "moved", "leaving")
        ):
            return "Livraison appliquée : aucune personne n’a changé."
        return "Livraison appliquée."
    if delivery.state == DeliveryState.HELD:
        return "Livraison RETENUE par le garde-fou : rien n’a été écrit dans l’annuaire."
    return "Aperçu : rien n’a été écrit dans l’annuaire." if preview else "Livraison analysée."


def _guard(delivery: Delivery) -> Iterator[str]:
    guard = delivery.guard or {}
    if not guard.get("reasons"):
        return
    yield f"  Garde-fou : perdraient leur accès : {number_words(guard['leaving'])}."
    for reason in guard["reasons"][:10]:
        yield f"    - {reason}"
    if delivery.state == DeliveryState.HELD:
        yield (
            "  Si c'est voulu, relancez avec les mêmes fichiers et "
            f"--confirm-departures {guard['leaving']}"
        )


def _anomalies(delivery: Delivery) -> Iterator[str]:
    total = delivery.anomalies.count()
    if not total:
        yield "  Aucune anomalie."
        return
    yield f"  Anomalies : {number_words(total)}"
    codes = delivery.anomalies.order_by("code").values_list("code", "severity").distinct()
    order = list(AnomalySeverity.values)[::-1]
    for code, severity in sorted(codes, key=lambda pair: (order.index(pair[1]), pair[0])):
        found = delivery.anomalies.filter(code=code, severity=severity).order_by("id")
        label = AnomalySeverity(severity).label
        yield f"    {number_words(found.count())} × {label.lower()} ({code})"
        for anomaly in found[:EXAMPLES]:
            place = (
                f"{anomaly.file}, ligne {anomaly.line} : "
                if anomaly.line
                else (f"{anomaly.file} : " if anomaly.file else "")
            )
            thing = f"objet {anomaly.object_id} : " if anomaly.object_id else ""
            yield f"        {place}{thing}{anomaly.message}"
