"""What goes of dry runs and pairs made by hand when a school leaves the instance."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import Person, School
from directory.rights.actors import actor_for
from ent.audit.models import AuditEvent
from ent.audit.origin import Origin
from ent.files.models import StoredFile
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from pronote_bridge.dry_run.journal import DryRunAct
from pronote_bridge.dry_run.models import DryRun, DryRunLine, HandPairing
from pronote_bridge.dry_run.pairing import pair_by_hand
from pronote_bridge.enums import ListKind
from pronote_bridge.instances.services import change_schools
from pronote_bridge.models import Instance
from sso.catalogue.locking import ActorAndOrigin
from tests import factories as make
from tests.pronote_bridge.dry_runs import asked, compared, line_of
from tests.pronote_bridge.population import make_instance, make_pupil, manager_of

pytestmark = pytest.mark.django_db
LIST = "Nom;Prénom;Né(e) le\nICI;Léa;01/01/2011\nAILLEURS;Tom;01/01/2011\n".encode()


def schools() -> tuple[School, School]:
    """The school that stays and the one that leaves."""
    return make.make_school(), make.make_school()


def compared_group(first: School, second: School, manager: Person) -> Instance:
    """A group with an open dry run, another that waits, and one pair of each school."""
    instance = make_instance(first, second)
    staying = make_pupil(first, family_name="Ici", given_name="Léa")
    leaving = make_pupil(second, family_name="Ailleurs", given_name="Tom")
    dry_run = compared(instance, manager, {ListKind.PUPILS: LIST})
    for name, person in (("ICI Léa", staying), ("AILLEURS Tom", leaving)):
        pair_by_hand(line=line_of(dry_run, name), person=person, actor=manager)
    asked(instance, manager, {ListKind.PUPILS: LIST})
    return instance


def by(person: Person) -> ActorAndOrigin:
    """The person as an actor."""
    return ActorAndOrigin(actor=actor_for(person), origin=Origin())


def assert_forgotten(instance: Instance) -> None:
    """Nothing is left of the lists, and of the pairs only whoever stays."""
    assert not DryRun.objects.exists()
    assert not DryRunLine.objects.exists()
    assert not StoredFile.objects.exists()
    assert not Job.objects.live().exists()
    assert Job.objects.filter(state=JobState.CANCELLED).count() == 1
    assert HandPairing.objects.get(instance=instance).line_name == "ICI Léa"
    assert AuditEvent.objects.of_acts([DryRunAct.DELETED]).get().details["count"] == 2


def test_a_school_taken_out_of_a_group_leaves_no_line_and_no_pair_behind(
    client_of: Callable[[Person | None], Client],
) -> None:
    first, second = schools()
    manager = manager_of(first, second)
    instance = compared_group(first, second, manager)
    change_schools(instance=instance, schools=[first], takes_over=instance.service, by=by(manager))
    assert_forgotten(instance)
    client = client_of(manager_of(first))
    page = client.get(reverse("pronote:hand-pairings", args=[instance.uuid])).content.decode()
    assert "ICI Léa" in page
    assert "AILLEURS" not in page


def test_a_school_that_goes_to_another_instance_leaves_no_line_and_no_pair_behind() -> None:
    first, second = schools()
    manager = manager_of(first, second)
    instance = compared_group(first, second, manager)
    third = make.make_school()
    other, both = make_instance(third), manager_of(first, second, third)
    change_schools(instance=other, schools=[third, second], takes_over=other.service, by=by(both))
    assert_forgotten(instance)


def test_a_school_that_joins_takes_nothing_away() -> None:
    first, second = schools()
    third = make.make_school()
    manager = manager_of(first, second, third)
    instance = compared_group(first, second, manager)
    change_schools(
        instance=instance,
        schools=[first, second, third],
        takes_over=instance.service,
        by=by(manager),
    )
    assert DryRun.objects.count() == HandPairing.objects.count() == 2
