"""Who exists: authorities, schools, persons, records, classes, links and roles."""

from directory.models.deliveries import Anomaly, Delivery
from directory.models.groups import Group, Mef, Membership, Subject, Teaching
from directory.models.ldap_directories import LdapDirectory
from directory.models.leavers import ErasureNotice
from directory.models.persons import Affiliation, Person, Record, Responsibility, WaitingReference
from directory.models.roles import RoleGrant
from directory.models.schools import Authority, School
from directory.models.sheet_counts import SheetCount

__all__ = [
    "Affiliation",
    "Anomaly",
    "Authority",
    "Delivery",
    "ErasureNotice",
    "Group",
    "LdapDirectory",
    "Mef",
    "Membership",
    "Person",
    "Record",
    "Responsibility",
    "RoleGrant",
    "School",
    "SheetCount",
    "Subject",
    "Teaching",
    "WaitingReference",
]
