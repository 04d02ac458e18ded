"""What a person's sheet shows to whom."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from directory.enums import GroupKind, MembershipRole, Profile
from directory.models.groups import Group, Membership, Teaching
from directory.models.persons import Affiliation, Person, Responsibility
from directory.models.roles import RoleGrant
from directory.models.schools import School
from directory.rights.actors import Actor
from directory.rights.conditions import own_family
from directory.rights.perms import can_see_birth_date, can_see_identity_details, can_withdraw_role
from directory.rights.walls import (
    named_schools,
    readable_persons,
    visible_grants,
    visible_groups,
    visible_persons,
)
from ent.pages.names import calm_given_name


@dataclass(frozen=True, slots=True)
class Relative:
    """A child or a responsible person, with a link only where the actor may follow it."""

    person: Person
    words: str
    is_readable: bool


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A class or group with what the person is or teaches there."""

    group: Group
    words: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class ShownRole:
    """A role in force or over, and whether the actor may withdraw it."""

    grant: RoleGrant
    is_withdrawable: bool
    reason: str


@dataclass(slots=True)
class Sheet:
    """Everything the template shows."""

    person: Person
    is_own: bool
    identity: list[tuple[str, Any]] = field(default_factory=list)
    contact: list[tuple[str, Any]] = field(default_factory=list)
    affiliations: list[Affiliation] = field(default_factory=list)
    groups: list[ShownGroup] = field(default_factory=list)
    children: list[Relative] = field(default_factory=list)
    guardians: list[Relative] = field(default_factory=list)
    roles: list[ShownRole] = field(default_factory=list)
    is_family_view: bool = False


def build_sheet(actor: Actor, person: Person) -> Sheet:
    """Build the sheet of *person* as *actor* may see it.

    The minimal view (T-I3): a pupil or parent reads names, school, class and state, never the
    birth date, the INE or an address; the pupil does not see the parents' file either.
    """
    is_managed = visible_persons(actor).filter(pk=person.pk).exists()
    sheet = Sheet(person=person, is_own=person.pk == actor.person_id, is_family_view=not is_managed)
    sees_details = can_see_identity_details(actor, person)
    _fill_identity(sheet, actor, sees_details=sees_details)
    if sees_details:
        sheet.contact += _contact_of(person)
    # A family sees all schools of the person; those in charge see their own schools only.
    named = named_schools(actor) if is_managed else School.objects.all()
    sheet.affiliations = list(
        Affiliation.objects.filter(person=person, school__in=named)
        .select_related("school")
        .order_by("school__search_key", "pk")
    )
    sheet.groups = _groups_of(actor, person, named_only=is_managed)
    _fill_family(sheet, actor)
    if is_managed:
        sheet.roles = _roles_of(actor, person)
    return sheet


def _fill_identity(sheet: Sheet, actor: Actor, *, sees_details: bool) -> None:
    person = sheet.person
    pairs: list[tuple[str, Any]] = [
        ("Nom", person.family_name),
        ("Prénom", person.shown_given_name),
    ]
    if person.birth_name and person.birth_name != person.family_name:
        pairs.append(("Nom de naissance", person.birth_name))
    if sees_details and person.other_names:
        pairs.append(("Autres prénoms", calm_given_name(person.other_names)))
    pairs.append(("Profil", person.get_profile_display()))
    if person.birth_date and can_see_birth_date(actor, person):
        pairs.append(("Date de naissance", person.birth_date.strftime("%d/%m/%Y")))
    if sees_details and person.profile == Profile.PUPIL:
        pairs.append(("INE", person.ine))
    sheet.identity = pairs


def _contact_of(person: Person) -> list[tuple[str, Any]]:
    place = " ".join(part for part in (person.postal_code, person.town) if part)
    address = "\n".join(part for part in (person.address, place, person.country) if part)
    return [
        ("Adresse", address),
        ("Courriel", person.email),
        ("Téléphone du domicile", person.home_phone),
        ("Téléphone mobile", person.mobile_phone),
        *([("Téléphone professionnel", person.work_phone)] if person.work_phone else []),
    ]


def _groups_of(actor: Actor, person: Person, *, named_only: bool) -> list[ShownGroup]:
    memberships = Membership.objects.filter(person=person).select_related("group__school")
    teachings = Teaching.objects.filter(person=person).select_related("group__school", "subject")
    if named_only:
        named = named_schools(actor)
        memberships = memberships.filter(group__school__in=named)
        teachings = teachings.filter(group__school__in=named)
    words: dict[int, list[str]] = defaultdict(list)
    groups: dict[int, Group] = {}
    for membership in memberships:
        groups[membership.group_id] = membership.group
        if membership.role == MembershipRole.MAIN_TEACHER:
            words[membership.group_id].insert(0, "professeur principal")
    for teaching in teachings:
        groups[teaching.group_id] = teaching.group
        words[teaching.group_id].append(teaching.subject.shown_label)
    open_ids = set(visible_groups(actor).filter(pk__in=groups).values_list("pk", flat=True))
    ordered = sorted(groups.values(), key=lambda group: (group.kind, group.sort_key, group.code))
    return [
        ShownGroup(
            group=group,
            words=", ".join(dict.fromkeys(words[group.pk])),
            is_open=group.pk in open_ids and group.kind == GroupKind.CLASS,
        )
        for group in ordered
    ]


def _fill_family(sheet: Sheet, actor: Actor) -> None:
    """Children whom the actor may not see are neither named nor counted by school (T-F5)."""
    person = sheet.person
    if person.profile == Profile.PUPIL and sheet.is_family_view:
        return
    readable = readable_persons(actor)
    links = Responsibility.objects.filter(pupil=person).select_related("guardian")
    visible = set(readable.filter(pk__in=links.values("guardian")).values_list("pk", flat=True))
    sheet.guardians = [
        Relative(
            person=link.guardian,
            words=_link_words(link),
            is_readable=link.guardian_id in visible,
        )
        for link in links.order_by("level", "pk")
    ]
    children = Responsibility.objects.filter(guardian=person).select_related("pupil")
    if sheet.is_own:
        family = Person.objects.filter(own_family(actor))
        children = children.filter(pupil__in=family)
    else:
        children = children.filter(pupil__in=visible_persons(actor))
    sheet.children = [
        Relative(person=link.pupil, words=_link_words(link), is_readable=True)
        for link in children.order_by("pupil__sort_key", "pk")
    ]


def _link_words(link: Responsibility) -> str:
    words = [link.get_relationship_display()]
    if link.is_legal:
        words.append("responsable légal")
    if link.is_financial:
        words.append("responsable financier")
    if link.is_contact:
        words.append("personne à contacter")
    if link.is_home:
        words.append("l’élève y habite")
    return ", ".join(words)


def _roles_of(actor: Actor, person: Person) -> list[ShownRole]:
    grants = (
        visible_grants(actor)
        .filter(person=person, withdrawn_at__isnull=True)
        .select_related("school", "group__school", "authority")
    )
    shown = []
    for grant in grants:
        verdict = can_withdraw_role(actor, grant)
        shown.append(ShownRole(grant=grant, is_withdrawable=bool(verdict), reason=verdict.reason))
    return shown
