"""Facets: the results of a search counted by profile and by class, each a link that refines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from directory.enums import GroupKind, Profile
from directory.models.groups import Membership
from directory.rights.actors import Actor
from directory.rights.walls import visible_groups
from directory.search.forms import STATES, Criteria
from directory.search.results import SearchResult
from ent.pages.labels import calm_label
from ent.text.folding import fold

_MOST_CLASSES = 12
#: Whom no feed puts in a class.
_OUT_OF_CLASS = frozenset({Profile.GUARDIAN, Profile.CONTACT})


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to refine: a value and how many of the results have it."""

    label: str
    value: str
    count: int


def facets_of(actor: Actor, found: SearchResult, criteria: Criteria) -> dict[str, list[Facet]]:
    """Count the persons found by profile and by class: two statements, none for too many.

    A capped search has no facets: a thousand out of a hundred thousand would not be a count. Where
    a class was asked for, classes are not counted.
    """
    if found.is_capped:
        return {}
    profiles = [
        Facet(Profile(profile).label, profile, number)
        for profile, number in Counter(found.profiles.values()).items()
    ]
    by_class = {} if criteria.class_code else _count_by_class(actor, found)
    classes = [Facet(code, code, number) for code, number in by_class.items()]
    return {
        "profil": sorted(profiles, key=lambda facet: (-facet.count, fold(facet.label))),
        "classe": sorted(classes, key=lambda facet: (-facet.count, facet.label))[:_MOST_CLASSES],
    }


def _count_by_class(actor: Actor, found: SearchResult) -> Counter[str]:
    """Count persons by the codes of their classes, each once: a code is one of many schools.

    The links first, then the classes that they name: joined, the planner reads all the classes of
    the portal.
    """
    in_class = [pk for pk, profile in found.profiles.items() if profile not in _OUT_OF_CLASS]
    if not in_class:
        return Counter()
    links = Membership.objects.filter(person__any_of=in_class).order_by()
    pairs = list(links.values_list("group_id", "person_id"))
    classes = visible_groups(actor).filter(kind=GroupKind.CLASS)
    named = classes.filter(pk__any_of={group for group, _ in pairs}).order_by()
    codes = dict(named.values_list("pk", "code"))
    return Counter(
        code for code, _ in {(codes[group], person) for group, person in pairs if group in codes}
    )


def facet_links(asked: QueryDict, facets: dict[str, list[Facet]]) -> list[dict[str, Any]]:
    """Return the groups worth showing: at least two values, not chosen already."""
    labels = {"profil": "Affiner par profil", "classe": "Affiner par classe"}
    shorts = {"profil": "Profil", "classe": "Classe"}
    return [
        {
            "label": labels[name],
            "short": shorts[name],
            "facets": [
                {"label": facet.label, "count": facet.count, "query": _with(asked, name, facet)}
                for facet in values
            ],
        }
        for name, values in facets.items()
        if len(values) > 1 and not asked.get(name)
    ]


def chosen_facet_links(asked: QueryDict, criteria: Criteria) -> list[dict[str, str]]:
    """Return what restricts the search beside its words, each with the address without it."""
    chosen = []
    if criteria.profile:
        chosen.append((Profile(criteria.profile).label, "profil"))
    if criteria.class_code:
        chosen.append((f"Classe {criteria.class_code}", "classe"))
    if criteria.state:
        chosen.append((dict(STATES)[criteria.state], "etat"))
    if criteria.subject:
        chosen.append((calm_label(criteria.subject), "matiere"))
    if criteria.group is not None:
        chosen.append((f"Groupe {criteria.group.code}", "groupe"))
    return [{"label": label, "query": _without(asked, name)} for label, name in chosen]


def _with(asked: QueryDict, name: str, facet: Facet) -> str:
    query = asked.copy()
    query.pop("page", None)
    query[name] = facet.value
    return query.urlencode()


def _without(asked: QueryDict, name: str) -> str:
    query = asked.copy()
    query.pop("page", None)
    query.pop(name, None)
    return query.urlencode()
