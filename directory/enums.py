"""Closed vocabularies of the directory, with the words that the school office uses."""

from __future__ import annotations

from django.db.models import IntegerChoices, TextChoices


class AuthorityKind(TextChoices):
    """Who feeds schools and answers for doors."""

    ACADEMY = "academie", "Académie"
    AGRICULTURAL = "agricole", "Enseignement agricole"
    UNIVERSITY = "universite", "Université"
    LOCAL_AUTHORITY = "collectivite", "Collectivité"


class Degree(TextChoices):
    """Degree of an AAF feed."""

    FIRST = "1D", "Premier degré"
    SECOND = "2D", "Second degré"
    UNIVERSITY = "UN", "Université"


class Category(TextChoices):
    """Object categories of an AAF delivery, spelled as in its file names."""

    PUPIL = "Eleve", "Élèves"
    GUARDIAN = "PersRelEleve", "Responsables"
    STAFF = "PersEducNat", "Personnels"
    STRUCTURE = "EtabEducNat", "Établissements"
    MEF = "MefEducNat", "Formations (MEF)"
    SUBJECT = "MatiereEducNat", "Matières"


class Profile(TextChoices):
    """What a person is in a school. Derived from AAF functions (SDET 6.3, § 4.7)."""

    PUPIL = "eleve", "Élève"
    GUARDIAN = "tuteur", "Parent"
    TEACHER = "enseignant", "Enseignant"
    HEAD = "direction", "Direction"
    SCHOOL_LIFE = "vie-scolaire", "Vie scolaire"
    LIBRARIAN = "documentation", "Documentation"
    STAFF = "personnel", "Personnel non enseignant"
    ACADEMIC = "academique", "Personnel académique"
    LOCAL_AUTHORITY = "collectivite", "Personnel de collectivité"
    GUEST = "invite", "Invité"
    CONTACT = "contact", "Contact"
    STUDENT = "etudiant", "Étudiant"

    @classmethod
    def of_the_feed_staff(cls) -> tuple[Profile, ...]:
        """Profiles whose people sign in through their academy, never with a local password."""
        return (
            cls.TEACHER,
            cls.HEAD,
            cls.SCHOOL_LIFE,
            cls.LIBRARIAN,
            cls.STAFF,
            cls.ACADEMIC,
        )


class AccessState(TextChoices):
    """State of a person's account as the directory shows it; written by ``accounts`` only."""

    NONE = "", "Sans compte"
    PENDING = "non-active", "Non activé"
    ACTIVE = "active", "Activé"
    BLOCKED = "bloque", "Bloqué"


class Source(TextChoices):
    """Who stated a fact: an import removes only what an import made."""

    FEED = "flux", "Alimentation"
    MANUAL = "saisie", "Saisie"


class GroupKind(TextChoices):
    """Classes and groups are listed apart but behave alike."""

    CLASS = "classe", "Classe"
    GROUP = "groupe", "Groupe"


class MembershipRole(TextChoices):
    """What a person is in a class or group."""

    PUPIL = "eleve", "Élève"
    TEACHER = "enseignant", "Enseignant"
    MAIN_TEACHER = "professeur-principal", "Professeur principal"


class Relationship(IntegerChoices):
    """Link between a pupil and a responsible person (N_LIEN_ELEVE_RESPONSABLE).

    The first seven are the codes of files before 2018: there 1 is the father, while since 2018
    10 is the *mother* and 20 the father.
    """

    OLD_FATHER = 1, "Père"
    OLD_MOTHER = 2, "Mère"
    OLD_GUARDIAN = 3, "Tuteur"
    OLD_FAMILY = 4, "Autre membre de la famille"
    OLD_CHILD_WELFARE = 5, "Aide sociale à l’enfance"
    OLD_OTHER = 6, "Autre cas"
    OLD_SELF = 7, "Élève lui-même"
    MOTHER = 10, "Mère"
    FATHER = 20, "Père"
    SIBLING = 37, "Fratrie"
    GRANDPARENT = 38, "Ascendant"
    FAMILY = 39, "Autre membre de la famille"
    EDUCATOR = 41, "Éducateur"
    FOSTER_CARER = 42, "Assistant familial"
    CHILD_MINDER = 43, "Garde d’enfant"
    GUARDIAN = 50, "Tuteur"
    CHILD_WELFARE = 51, "Aide sociale à l’enfance"
    SELF = 70, "Élève lui-même"
    OTHER = 90, "Autre lien"


LINKS_WITH_RIGHT = (
    Relationship.OLD_FATHER, Relationship.OLD_MOTHER, Relationship.OLD_GUARDIAN,
    Relationship.OLD_CHILD_WELFARE, Relationship.MOTHER, Relationship.FATHER,
    Relationship.GUARDIAN, Relationship.CHILD_WELFARE,
)  # fmt: skip
"""Links of the first degree that give the right to follow a pupil, whatever the authority says."""


class Role(TextChoices):
    """Roles given to named persons; what each may do stands in ``directory.rights.acts``."""

    ENT_ADMINISTRATOR = "administrateur-ent", "Administrateur ENT"
    SCHOOL_ADMINISTRATOR = "administrateur-etablissement", "Administrateur de l’établissement"
    CREDENTIALS_MANAGER = "gestionnaire-identifiants", "Gestionnaire des identifiants"
    FORM_TEACHER = "professeur-principal", "Professeur principal"
    EDITOR = "redacteur", "Rédacteur"
    HELPDESK = "assistance", "Assistance"


class WaitingKind(TextChoices):
    """What an object says of somebody or something that is not known yet."""

    AFFILIATION = "affiliation", "Rattachement"
    MEMBERSHIP = "membership", "Classe ou groupe"
    TEACHING = "teaching", "Enseignement"
    LINK = "link", "Lien avec un responsable"


class DeliveryMode(TextChoices):
    """Complete set or delta."""

    COMPLETE = "Complet", "Complet"
    DELTA = "Delta", "Delta"


class DeliveryState(TextChoices):
    """Life of a delivery."""

    RECEIVED = "recue", "Reçue"
    PREVIEWING = "analyse", "Analyse en cours"
    PREVIEWED = "prete", "Prête à appliquer"
    HELD = "retenue", "Retenue : trop de départs"
    APPLYING = "application", "Application en cours"
    APPLIED = "appliquee", "Appliquée"
    REFUSED = "refusee", "Refusée"
    ABANDONED = "abandonnee", "Abandonnée"


FINAL_DELIVERY_STATES = (DeliveryState.APPLIED, DeliveryState.REFUSED, DeliveryState.ABANDONED)
"""Nothing more will happen to a delivery in one of these states."""


class AnomalySeverity(TextChoices):
    """How much an anomaly matters."""

    INFO = "info", "Information"
    WARNING = "alerte", "Alerte"
    REJECTED = "rejet", "Objet écarté"
