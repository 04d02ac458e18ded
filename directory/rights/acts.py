"""Who may do what, as data: the acts, the roles that may do them, and how far each reaches.

This is the mission's table (« Who may do what ») and nothing else; :mod:`directory.rights.perms`
reads it, ``docs/rights.md`` is generated from it and from the tested matrix.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from django.db.models import TextChoices

from directory.enums import Profile, Role


class Act(TextChoices):
    """What somebody may be entitled to do."""

    IMPORT = "import", "Importer : lancer, confirmer malgré la garde"
    SEARCH = "chercher", "Rechercher, voir les fiches"
    CREDENTIAL_FILES = "fichiers", "Fichiers d’identifiants, diffusion"
    SLIPS = "fiches", "Fiches d’identifiants à remettre"
    RESCUE = "depanner", "Régénérer un mot de passe, débloquer, changer un identifiant"
    LIFE_CYCLE = "cycle-de-vie", "Bloquer, rétablir, fusionner, créer des utilisateurs"
    GIVE_ROLES = "roles", "Donner et retirer des rôles"
    SCHOOL_PAGE = "page", "Page et actualités de l’établissement"
    OWN_SERVICES = "services", "Services de l’établissement"
    PORTAL_SETTINGS = "portail", "Services, guichets, réglages du portail"
    PRONOTE = "pronote", "Pronote : instance, export, rapprochement à blanc"
    ACADEMIC_SECRETS = "otp", "Clés OTP, mots de passe académiques"
    JOURNAL = "journal", "Lire le journal"


class Scope(TextChoices):
    """How far a right reaches."""

    PORTAL = "P", "Tout le portail"
    AUTHORITY = "U", "Son autorité"
    AUTHORITY_STAFF = "U*", "Les personnels de son autorité"
    SCHOOLS = "S", "Ses établissements"
    CLASSES = "C", "Ses classes"
    OWN = "soi", "Ses propres actes"


class Rank(IntEnum):
    """The ladder of persons. An act on a person needs a role ranked strictly above that person.

    - ``FAMILY``: pupils, parents, guests and contacts without any role;
    - ``STAFF``: every staff profile, and whoever holds one of the small roles (credentials
      manager, form teacher, editor): so a manager never acts on staff nor on another manager;
    - ``SCHOOL_ADMINISTRATOR``: heads (by profile or by role), school administrators, helpdesk;
    - ``ENT_ADMINISTRATOR``: nobody acts on them here; ``manage.py`` does.

    A person's rank is their highest, wherever they hold it: a teacher of school A who administers
    school B is an administrator for A, too.
    """

    FAMILY = 0
    STAFF = 1
    SCHOOL_ADMINISTRATOR = 2
    ENT_ADMINISTRATOR = 3


_ADMINISTRATOR = Role.ENT_ADMINISTRATOR
_SCHOOL = Role.SCHOOL_ADMINISTRATOR
_MANAGER = Role.CREDENTIALS_MANAGER
_FORM = Role.FORM_TEACHER

#: act → role → reach. An ENT administrator whose role names an authority has U wherever P stands.
RIGHTS: Final[Mapping[Act, Mapping[Role, Scope]]] = {
    Act.IMPORT: {_ADMINISTRATOR: Scope.PORTAL},
    Act.SEARCH: {
        _ADMINISTRATOR: Scope.PORTAL,
        _SCHOOL: Scope.SCHOOLS,
        _MANAGER: Scope.SCHOOLS,
        _FORM: Scope.CLASSES,
        Role.HELPDESK: Scope.AUTHORITY_STAFF,
    },
    Act.CREDENTIAL_FILES: {_ADMINISTRATOR: Scope.PORTAL, _SCHOOL: Scope.SCHOOLS},
    Act.SLIPS: {
        _ADMINISTRATOR: Scope.PORTAL,
        _SCHOOL: Scope.SCHOOLS,
        _MANAGER: Scope.SCHOOLS,
        _FORM: Scope.CLASSES,
    },
    Act.RESCUE: {
        _ADMINISTRATOR: Scope.PORTAL,
        _SCHOOL: Scope.SCHOOLS,
        _MANAGER: Scope.SCHOOLS,
        _FORM: Scope.CLASSES,
    },
    Act.LIFE_CYCLE: {_ADMINISTRATOR: Scope.PORTAL, _SCHOOL: Scope.SCHOOLS},
    Act.GIVE_ROLES: {_ADMINISTRATOR: Scope.PORTAL, _SCHOOL: Scope.SCHOOLS},
    Act.SCHOOL_PAGE: {
        _ADMINISTRATOR: Scope.PORTAL,
        _SCHOOL: Scope.SCHOOLS,
        Role.EDITOR: Scope.SCHOOLS,
    },
    Act.OWN_SERVICES: {_ADMINISTRATOR: Scope.PORTAL, _SCHOOL: Scope.SCHOOLS},
    Act.PORTAL_SETTINGS: {_ADMINISTRATOR: Scope.PORTAL},
    Act.PRONOTE: {_ADMINISTRATOR: Scope.PORTAL, _SCHOOL: Scope.SCHOOLS},
    Act.ACADEMIC_SECRETS: {Role.HELPDESK: Scope.AUTHORITY_STAFF},
    Act.JOURNAL: {
        _ADMINISTRATOR: Scope.PORTAL,
        _SCHOOL: Scope.SCHOOLS,
        _MANAGER: Scope.OWN,
        _FORM: Scope.OWN,
        Role.EDITOR: Scope.OWN,
        Role.HELPDESK: Scope.AUTHORITY,
    },
}

#: The rank that a role gives to its holder, and from which it acts.
ROLE_RANKS: Final[Mapping[Role, Rank]] = {
    Role.ENT_ADMINISTRATOR: Rank.ENT_ADMINISTRATOR,
    Role.SCHOOL_ADMINISTRATOR: Rank.SCHOOL_ADMINISTRATOR,
    Role.HELPDESK: Rank.SCHOOL_ADMINISTRATOR,
    Role.CREDENTIALS_MANAGER: Rank.STAFF,
    Role.FORM_TEACHER: Rank.STAFF,
    Role.EDITOR: Rank.STAFF,
}

#: Profiles that stand above families even without any role.
PROFILE_RANKS: Final[Mapping[Profile, Rank]] = {
    **dict.fromkeys((*Profile.of_the_feed_staff(), Profile.LOCAL_AUTHORITY), Rank.STAFF),
    Profile.HEAD: Rank.SCHOOL_ADMINISTRATOR,
}

#: Acts that change what happens to a person: they go neither upwards nor to oneself.
ACTS_ON_PERSONS: Final = frozenset({Act.RESCUE, Act.LIFE_CYCLE, Act.SLIPS, Act.ACADEMIC_SECRETS})

#: Whose account may be rescued: those who have no academic door. An ENT administrator also
#: rescues whoever else signs in with a local password (a head before the academy's door opens).
RESCUED_PROFILES: Final = (Profile.PUPIL, Profile.GUARDIAN, Profile.GUEST)

#: Which roles each giver may give; a school administrator makes no administrators.
GIVEABLE_ROLES: Final[Mapping[Role, tuple[Role, ...]]] = {
    Role.ENT_ADMINISTRATOR: tuple(Role),
    Role.SCHOOL_ADMINISTRATOR: (Role.CREDENTIALS_MANAGER, Role.FORM_TEACHER, Role.EDITOR),
}
