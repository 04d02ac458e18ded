"""Whom the file holds and no line of a list meets: often the other half of an unmatched line."""

from __future__ import annotations

from directory.models.persons import PersonQuerySet
from directory.names.matching import order_few_by_name
from directory.rights.actors import Actor
from directory.rights.acts import Act
from directory.rights.walls import visible_persons
from pronote_bridge.dry_run.models import DryRunLine, DryRunList
from pronote_bridge.population.members import members_of


def absent_people(source: DryRunList, actor: Actor) -> PersonQuerySet:
    """Return the people of one list of the file whom no line is, by Pronote or by hand."""
    lines = DryRunLine.objects.filter(source=source)
    met = {pk for pair in lines.values_list("person", "pairing__person") for pk in pair}
    absent = {
        member.person_id
        for member in members_of(source.dry_run.instance)
        if member.kind == source.kind and member.person_id not in met
    }
    return order_few_by_name(visible_persons(actor, Act.PRONOTE).filter(pk__in=absent))
