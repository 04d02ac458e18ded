"""Closed vocabularies of the exchange with Pronote."""

from __future__ import annotations

from django.db.models import TextChoices


class EnvelopeKind(TextChoices):
    """How the reconciliation file is encrypted."""

    VENDOR = "editeur", "Enveloppe de l’éditeur"
    W3C = "w3c", "XML Encryption (W3C)"


class ListKind(TextChoices):
    """The lists of persons of a file, in the order of the vendor's schema."""

    STAFF = "personnels", "Personnels"
    TEACHERS = "professeurs", "Professeurs"
    GUARDIANS = "responsables", "Responsables"
    PUPILS = "eleves", "Élèves"


class Extra(TextChoices):
    """What a file says only when an instance asks for it: production files say none of it."""

    NATIONAL_NUMBER = "ine", "Numéro national des élèves (INE)"
    PUPIL_ADDRESS = "adresse-eleves", "Adresse des élèves"
    TEACHER_BIRTH_DATE = "naissance-professeurs", "Date de naissance des professeurs"


class LeftOut(TextChoices):
    """Why somebody of the school is not in the file; the order is that of the questions."""

    LEAVING = "en-depart", "En départ"
    BLOCKED = "bloque", "Compte bloqué"
    NO_NAME = "sans-nom", "Sans nom ou sans prénom"
    UNWRITABLE = "illisible", "Nom avec un caractère qu’un fichier XML ne peut pas contenir"
    NO_BIRTH_DATE = "sans-date", "Élève sans date de naissance"
    NO_CHILD = "sans-enfant", "Parent sans enfant dans le fichier"


class ExportScope(TextChoices):
    """Everybody, or what is new or changed since an earlier export."""

    FULL = "complet", "Complet"
    DIFFERENTIAL = "differentiel", "Nouveautés et changements"


class ExportState(TextChoices):
    """Life of an export; whether a waiting one failed is read from its job."""

    WAITING = "attente", "En préparation"
    READY = "pret", "Prêt"


class Space(TextChoices):
    """The spaces of Pronote: the first word of the page that opens each."""

    HEAD = "direction", "Direction"
    TEACHER = "professeur", "Professeurs"
    SCHOOL_LIFE = "viescolaire", "Vie scolaire"
    GUARDIAN = "parent", "Parents"
    PUPIL = "eleve", "Élèves"


class ReportPart(TextChoices):
    """What the report says of people who are in the file, or were."""

    TWINS = "memes-naissances", "Même nom, même prénom et même date de naissance"
    HOMONYMS = "homonymes", "Même nom et même prénom"
    STAFF_PARENTS = "personnels-parents", "Personnels ou professeurs qui sont aussi parents"
    FORMER = "anciens", "Avec un ancien identifiant"
    NEW = "nouveaux", "Nouveaux depuis le dernier export"
    CHANGED = "changes", "Changés depuis le dernier export"
    DEPARTED = "partis", "Partis depuis le dernier export"
