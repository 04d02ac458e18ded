"""The contract of a registered service, and what is known of a person for it."""

from __future__ import annotations

from dataclasses import replace

from django.db import connection

from directory.models import Person
from sso.catalogue.models import Service
from sso.enums import AttributeFormat, AttributeSource, ProfileVocabulary
from sso.release.identifiers import make_identifier
from sso.release.models import ServiceIdentifier
from sso.release.rules import (
    Contract,
    PersonFacts,
    Released,
    Rule,
    is_reserved,
    release,
)

_NO_IDENTIFIER_YET = "(créé à la première visite)"
# A school's own service learns the places of that school and no other (decision 0046).
_PLACES = """
SELECT 'school', s.uai FROM directory_affiliation a JOIN directory_school s ON s.id = a.school_id
 WHERE a.person_id = %(person)s AND (%(owner)s::bigint IS NULL OR s.id = %(owner)s)
UNION
SELECT 'class', g.code FROM directory_membership m JOIN directory_group g ON g.id = m.group_id
 WHERE m.person_id = %(person)s AND g.kind = 'classe'
   AND (%(owner)s::bigint IS NULL OR g.school_id = %(owner)s)
ORDER BY 1, 2
"""


def contract_of(service: Service) -> Contract:
    """Return what the service is told; no statement for a service of the catalogue."""
    return Contract(
        user=AttributeSource(service.user_attribute),
        vocabulary=ProfileVocabulary(service.profile_vocabulary),
        rules=tuple(
            Rule(
                name=attribute.name,
                source=AttributeSource(attribute.source),
                format=AttributeFormat(attribute.format),
            )
            for attribute in service.details.attributes
            if not is_reserved(attribute.name)  # registered before they were refused
        ),
    )


def released_at_validation(
    service: Service,
    facts: PersonFacts,
    *,
    person_id: int | None,
    identifier: str,
    user_only: bool = False,
) -> Released:
    """Return what leaves with a validated ticket: no statement, or one the first time and one
    for a contract with classes or all schools.

    *facts* are the realm's; the rest is looked up for *person_id*: the opaque *identifier* (""
    before the first visit), and the places that the contract releases. A realm's principal without
    a person has none of these.
    """
    contract = _contract(service, user_only=user_only)
    if person_id is not None:
        identifier = identifier or _opaque_id(contract, person_id, service.pk)
    return release(contract, _known_to(service, contract, facts, person_id, identifier))


def preview(service: Service, person: Person, *, user_only: bool = False) -> Released:
    """Return what the service would learn about this person (R-G3); writes nothing.

    Somebody who never opened the service has no identifier yet: the preview says so.
    *user_only*: as over http, where attributes stay behind.
    """
    contract = _contract(service, user_only=user_only)
    identifiers = ServiceIdentifier.objects.filter(person=person, service=service, is_current=True)
    identifier = identifiers.values_list("value", flat=True).first() or _NO_IDENTIFIER_YET
    return release(
        contract, _known_to(service, contract, facts_of_person(person), person.pk, identifier)
    )


def facts_of_person(person: Person) -> PersonFacts:
    """Return what the directory knows of a person."""
    return PersonFacts(
        login=person.login,
        person_uuid=str(person.uuid),
        profile=person.profile,
        title=person.title,
        family_name=person.family_name,
        given_name=person.given_name,
        birth_date=person.birth_date,
        postal_code=person.postal_code,
        email=person.email,
        main_school_uai=person.main_school.uai if person.main_school is not None else "",
    )


def _contract(service: Service, *, user_only: bool) -> Contract:
    contract = contract_of(service)
    return replace(contract, rules=()) if user_only else contract


def _known_to(
    service: Service,
    contract: Contract,
    facts: PersonFacts,
    person_id: int | None,
    identifier: str,
) -> PersonFacts:
    """Return the facts with what depends on the service: identifier and places."""
    schools, classes = _places(contract, service, person_id)
    return replace(
        facts,
        opaque_id=identifier,
        main_school_uai=_main_school(service, facts.main_school_uai),
        school_uais=schools,
        classes=classes,
    )


def _opaque_id(contract: Contract, person_id: int, service_id: int) -> str:
    if not contract.needs(AttributeSource.OPAQUE_ID):
        return ""
    return make_identifier(person_id=person_id, service_id=service_id)


def _main_school(service: Service, uai: str) -> str:
    """The main school, which another school's service does not learn."""
    return uai if service.school is None or service.school.uai == uai else ""


def _places(
    contract: Contract, service: Service, person_id: int | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The UAIs and classes of a person, read only for a contract that releases them."""
    is_needed = contract.needs(AttributeSource.SCHOOL_UAIS, AttributeSource.CLASSES)
    if person_id is None or not is_needed:
        return (), ()
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, {"person": person_id, "owner": service.school_id})
        rows = cursor.fetchall()
    return (
        tuple(name for kind, name in rows if kind == "school"),
        tuple(name for kind, name in rows if kind == "class"),
    )
