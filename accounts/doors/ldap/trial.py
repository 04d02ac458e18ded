"""« Tester »: really contact the university's directory, and say in French what is wrong."""

from __future__ import annotations

import secrets

from accounts.doors.base import breaker
from accounts.doors.base.models import Door
from accounts.doors.base.places import take_place
from accounts.doors.base.protocol import DoorError, TrialResult
from accounts.doors.ldap.lookup import decoy_of, directory_of, door_error
from accounts.enums import DoorFault
from directory.models import LdapDirectory
from ent.ldap.client import LdapConnection, LdapError, LdapFault, ask

_INSTALL = (
    "Le module LDAP n’est pas installé sur ce serveur\u00a0: installez libldap-dev, libsasl2-dev "
    "et gcc, puis requirements/ldap.txt."
)


def try_door(door: Door) -> tuple[list[TrialResult], DoorFault | None]:
    """Read with the reading account, look an invented login up, prove an invented password."""
    try:
        directory = directory_of(door)
        release = take_place(door)
    except DoorError as error:
        return [_result("Annuaire", error.fault)], error.fault
    try:
        return _try(door, directory)
    finally:
        release()


def _try(door: Door, directory: LdapDirectory) -> tuple[list[TrialResult], DoorFault | None]:
    server = f"Serveurs\u00a0: {', '.join(directory.servers)}"
    results = []
    try:
        people = ask(directory.settings, lambda connection: _some_people(connection, door))
        results.append(
            TrialResult(tried=server, is_well=True, words="La liaison chiffrée et la lecture vont.")
        )
        is_found = ask(directory.settings, lambda connection: _has_decoy(connection, directory))
        invented = secrets.token_hex(8)
        proof = ask(
            directory.settings,
            lambda connection: connection.prove(decoy_of(directory), invented),
            proves=True,
        )
    except LdapError as error:
        fault = door_error(error).fault
        results.append(_result(server, fault))
        return results, fault
    breaker.note_answer(door)
    results.append(
        TrialResult(
            tried=f"Personnes de ce guichet, sous {directory.base}",
            is_well=people,
            words="La recherche en trouve."
            if people
            else "La recherche n’en trouve aucune\u00a0: vérifiez le filtre et les attributs de "
            "l’identifiant, ou les droits du compte de lecture.",
        )
    )
    is_decoy_well = is_found and proof.value == "wrong"
    results.append(
        TrialResult(
            tried=f"Entrée leurre\u00a0: {decoy_of(directory)}",
            is_well=is_decoy_well,
            words="Elle existe et refuse un mot de passe inventé."
            if is_decoy_well
            else "Elle n’existe pas\u00a0: la réponse à un identifiant inconnu serait plus rapide "
            "que les autres, et dirait qui existe. Créez une entrée avec un mot de passe que "
            "personne ne connaît, jamais verrouillée.",
        )
    )
    return results, None if people and is_decoy_well else DoorFault.NO_BASE


def _some_people(connection: LdapConnection, door: Door) -> bool:
    attribute = door.ldap.login_attributes[0]
    wanted = f"({attribute}=*)"
    if door.ldap.restriction:
        wanted = f"(&{wanted}{door.ldap.restriction})"
    try:
        return bool(connection.find(wanted, ("1.1",), most=1))
    except LdapError as error:
        if error.fault == LdapFault.TOO_MANY:
            return True
        raise


def _has_decoy(connection: LdapConnection, directory: LdapDirectory) -> bool:
    return connection.exists(decoy_of(directory))


def _result(tried: str, fault: DoorFault) -> TrialResult:
    words = _INSTALL if fault == DoorFault.NO_CLIENT else str(fault.label)
    return TrialResult(tried=tried, is_well=False, words=words)
