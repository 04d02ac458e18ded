"""The journal as the directory shows it: a person's timeline, and the journal screen's scope."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from directory.enums import Profile, Role
from directory.journal.door_words import door_words
from directory.models.persons import Person
from directory.models.roles import RoleGrant
from directory.models.schools import Authority, School
from directory.rights.actors import Actor
from directory.rights.acts import ROLE_RANKS, Act, Scope
from directory.rights.perms import can_rescue
from directory.rights.walls import named_schools, readable_persons, visible_persons
from ent.audit.enums import Outcome
from ent.audit.models import AuditEvent, AuditEventQuerySet, AuditIdentity

#: Events on a sheet; the journal screen has the rest.
TIMELINE_LENGTH = 30


def readable_events(actor: Actor) -> AuditEventQuerySet:
    """Events that *actor* may read: the perimeter of each role, and what they did themselves."""
    within = Q()
    conditions: list[Q] = []
    school_ids: list[int] = []
    authority_ids: list[int] = []
    reads_own = False
    for reach in actor.reaches(Act.JOURNAL):
        match reach.scope:
            case Scope.PORTAL:
                return AuditEvent.objects.all()
            case Scope.SCHOOLS if reach.school_id is not None:
                school_ids.append(reach.school_id)
            case Scope.AUTHORITY if reach.authority_id is not None:
                authority_ids.append(reach.authority_id)
            case _:
                reads_own = True
    schools = School.objects.filter(Q(pk__in=school_ids) | Q(authority__in=authority_ids))
    uais = list(schools.values_list("uai", flat=True)) if school_ids or authority_ids else []
    codes = list(Authority.objects.filter(pk__in=authority_ids).values_list("code", flat=True))
    if uais:
        conditions.append(Q(school_uai__in=uais))
    if codes:
        conditions.append(Q(authority_code__in=codes))
    if reads_own or conditions:
        pseudonyms = AuditIdentity.objects.of_person(actor.uuid).values("pseudonym")
        conditions.append(Q(actor_pseudonym__in=pseudonyms))
    if not conditions:
        return AuditEvent.objects.none()
    for condition in conditions:
        within |= condition
    return AuditEvent.objects.filter(within)


def events_about(actor: Actor, person: Person) -> list[dict[str, Any]]:
    """The latest events about *person*, in words; a family sees none of the journal here.

    Told to whoever reads the journal of the person's schools, and to whoever may rescue the
    account: a manager at a counter does not follow when the head signs in. Of a person of several
    schools only what happened without any school, or in a school of the actor's, is told (T-F5).
    """
    read = visible_persons(actor, Act.JOURNAL).filter(pk=person.pk)
    if not read.exists() and not can_rescue(actor, person):
        return []
    about = AuditEvent.objects.about(person.uuid)
    if not actor.has_whole_portal(Act.JOURNAL):
        uais = named_schools(actor).values_list("uai", flat=True)
        about = about.filter(school_uai__in=["", *uais])
    events = list(about[:TIMELINE_LENGTH])
    names = names_behind(actor, events)
    doors = door_words({event.door for event in events if event.door})
    return [
        {
            "when": event.occurred_at,
            "title": event.act_label,
            "words": _words(
                event, names.get(event.actor_pseudonym, ""), person, doors.get(event.door, "")
            ),
        }
        for event in events
    ]


def names_behind(actor: Actor, events: list[AuditEvent]) -> dict[Any, str]:
    """Names of the persons of these events, by pseudonym.

    Only those whom the actor may see are named; of others the highest role is told, or the profile
    (« Administrateur ENT »), and of erased ones nothing.
    """
    persons = AuditIdentity.objects.persons_of(events)
    known = {
        person.uuid: person for person in Person.objects.filter(uuid__in=set(persons.values()))
    }
    visible = set(
        readable_persons(actor)
        .filter(uuid__in=set(persons.values()))
        .values_list("uuid", flat=True)
    )
    unseen = [person.pk for uuid, person in known.items() if uuid not in visible]
    roles = _highest_roles(unseen)
    names = {}
    for pseudonym, identifier in persons.items():
        person = known.get(identifier)
        if person is None:
            continue
        unnamed = roles.get(person.pk) or Profile(person.profile).label
        names[pseudonym] = person.full_name if identifier in visible else unnamed
    return names


def _highest_roles(persons: list[int]) -> dict[int, str]:
    """The label of the highest role in force of each person who has one."""
    held = RoleGrant.objects.in_force().filter(person__in=persons).values_list("person", "role")
    by_rank = sorted(((pk, Role(role)) for pk, role in held), key=lambda one: ROLE_RANKS[one[1]])
    return {pk: role.label for pk, role in by_rank}


def _words(event: AuditEvent, actor_name: str, person: Person, door: str) -> str:
    parts = []
    if event.outcome != Outcome.SUCCESS:
        parts.append(Outcome(event.outcome).label)
    if actor_name and actor_name != person.full_name:
        parts.append(f"par {actor_name}")
    if door:
        parts.append(door)
    if event.device:
        parts.append(event.device)
    return ", ".join(parts)
