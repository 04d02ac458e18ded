"""Who exists: authorities, schools, persons, records, classes, links and roles."""

from directory.imports.models import Anomaly, Delivery
from directory.models.groups import Group, Membership, Subject, Teaching
from directory.models.persons import Affiliation, Person, Record, Responsibility
from directory.models.readings import SheetReading
from directory.models.roles import RoleGrant
from directory.models.schools import Authority, School

__all__ = [
    "Affiliation",
    "Anomaly",
    "Authority",
    "Delivery",
    "Group",
    "Membership",
    "Person",
    "Record",
    "Responsibility",
    "RoleGrant",
    "School",
    "SheetReading",
    "Subject",
    "Teaching",
]
