"""Reads of the directory: scopes, search, and roles in force."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from directory.acts import Act
from ent.folding import fold

if TYPE_CHECKING:
    from directory.actors import Actor

    # Named in the bases below, where ruff does not look.
    from directory.models import Group, Person, RoleGrant, School  # noqa: F401

_SHORT_WORDS = {"st": "saint", "ste": "sainte", "clg": "college", "lyc": "lycee"}
# How the feeds write the kind of a school, where people write the word.
_WRITTEN_SHORT = {
    "college": "clg|col",
    "lycee": "lyc|lgt|lg|lt|lp|lpo|lpa|legta|legtpa",
    "ecole": "ec|eco|eepu|empu|ee|em",
    "professionnel": "lp|lpo|lpa",
    "agricole": "lpa|legta|legtpa|eplefpa",
    "saint": "st",
    "sainte": "ste",
}
_LITTLE_WORDS = frozenset(["a", "au", "aux", "d", "de", "des", "du", "en", "l", "la", "le", "les"])


class SchoolQuerySet(models.QuerySet["School"]):
    """Schools, as screens ask for them."""

    def active(self) -> SchoolQuerySet:
        """Schools that have a page and people on the portal."""
        return self.filter(is_active=True)

    def visible_to(self, actor: Actor, *, act: Act = Act.SEARCH) -> Self:
        """Schools that the actor may see whole."""
        from directory import scopes

        return self.filter(scopes.schools_within(actor, act))

    def named_to(self, actor: Actor) -> Self:
        """Schools whose name may stand beside a person whom the actor sees (T-F5)."""
        from directory import scopes

        return self.filter(scopes.schools_named_to(actor))

    def matching(self, typed: str) -> SchoolQuerySet:
        """Schools whose name, town, postal code or UAI hold every word typed (R-A5).

        Accents, case, hyphens and order do not matter; « St » finds « Saint », « collège » the
        « CLG » of the feeds, and little words (« collège de Toul ») ask for nothing. Nothing but
        signs (« % ») finds nothing. The table holds about nine hundred rows at most: no index is
        needed.
        """
        found = self.order_by("name", "uai")
        words = fold(typed).split()
        if typed.strip() and not words:
            return found.none()
        for word in [word for word in words if word not in _LITTLE_WORDS] or words:
            either = Q(search_key__contains=word)
            if word in _SHORT_WORDS:
                either |= Q(search_key__contains=_SHORT_WORDS[word])
            if word in _WRITTEN_SHORT:
                either |= Q(search_key__regex=rf"\m({_WRITTEN_SHORT[word]})\M")
            found = found.filter(either)
        return found


class PersonQuerySet(models.QuerySet["Person"]):
    """Persons, always through the asking person's scope on screens."""

    def in_schools(self, schools: Iterable[Any]) -> PersonQuerySet:
        """Persons affiliated to one of *schools*, each once."""
        from directory.models.persons import Affiliation

        return self.filter(pk__in=Affiliation.objects.filter(school__in=schools).values("person"))

    def matching(self, typed: str, *, is_narrow: bool = False) -> PersonQuerySet:
        """Persons whose names hold every word typed: see ``directory.search``."""
        from directory import search

        return search.match_names(self, typed, is_narrow=is_narrow)

    def in_name_order(self, *, descending: bool = False) -> PersonQuerySet:
        """By family name then given name, folded, from an index whatever the collation."""
        from directory import search

        return search.order_by_name(self, descending=descending)

    def visible_to(
        self, actor: Actor, *, act: Act = Act.SEARCH, whatever_rank: bool = False
    ) -> Self:
        """Persons whom the actor finds in the directory.

        With *whatever_rank* the reach of *act* is asked without its ladder: to explain a refusal.
        """
        from directory import scopes

        if not whatever_rank:
            return self.filter(scopes.persons_for(actor, act))
        reaches = [scopes.persons_within(reach) for reach in actor.reaches(act)]
        if any(condition == Q() for condition in reaches):
            return self.all()
        within = scopes.NOBODY
        for condition in reaches:
            within |= condition
        return self.filter(within)

    def manageable_by(self, actor: Actor, *, act: Act) -> Self:
        """Persons on whom the actor may do *act*: never upwards, never on themselves."""
        from directory import scopes

        return self.filter(scopes.persons_for(actor, act))

    def readable_by(self, actor: Actor) -> Self:
        """Persons whose sheet the actor may open: the directory's, oneself, one's children."""
        from directory import scopes

        found = scopes.persons_for(actor, Act.SEARCH)
        return self.all() if found == Q() else self.filter(found | scopes.own_family(actor))


class GroupQuerySet(models.QuerySet["Group"]):
    """Classes and groups."""

    def visible_to(self, actor: Actor, *, act: Act = Act.SEARCH) -> Self:
        """Classes and groups that the actor may see."""
        from directory import scopes

        return self.filter(scopes.groups_within(actor, act))

    def matching(self, typed: str) -> Self:
        """Groups by the beginning of their code, or by words of their label or school."""
        words = fold(typed).split()
        found = self.filter(Q(code__istartswith=typed.strip()) | Q(label__icontains=typed.strip()))
        if not words:
            return found
        in_school = Q()
        for word in words:
            in_school &= Q(school__search_key__contains=word)
        return self.filter(
            Q(code__istartswith=typed.strip()) | Q(label__icontains=typed.strip()) | in_school
        )


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    """Roles; only those in force give rights."""

    def visible_to(self, actor: Actor) -> Self:
        """Roles that the actor may see on « Accès utilisateur »."""
        from directory import scopes

        return self.filter(scopes.grants_within(actor))

    def in_force(self) -> RoleGrantQuerySet:
        """Neither withdrawn nor past their last day (Europe/Paris)."""
        today = timezone.localdate()
        return self.filter(withdrawn_at__isnull=True).filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=today)
        )
