"""Closed vocabularies of the dry reconciliation."""

from django.db.models import TextChoices


class ListColumn(TextChoices):
    """What a column of one of Pronote's lists holds."""

    FAMILY_NAME = "nom", "Nom"
    GIVEN_NAME = "prenom", "Prénom"
    FULL_NAME = "nom-prenom", "Nom et prénom"
    BIRTH_DATE = "naissance", "Date de naissance"
    CLASS_NAME = "classe", "Classe"
    IDENTIFIER = "identifiant", "Identifiant CAS"
    GUARDIANS = "responsables", "Responsables de l’élève"
    GUARDIAN_FAMILY_NAME = "nom-responsable", "Nom d’un responsable"
    GUARDIAN_GIVEN_NAME = "prenom-responsable", "Prénom d’un responsable"
    CHILDREN = "enfants", "Élèves de ce responsable"
    CHILD_FAMILY_NAME = "nom-enfant", "Nom d’un élève de ce responsable"
    CHILD_GIVEN_NAME = "prenom-enfant", "Prénom d’un élève de ce responsable"


class Outcome(TextChoices):
    """What Pronote does by itself with a line of its list when it reads the file."""

    MATCHED = "rapproche", "Rapproché"
    UNMATCHED = "non-rapproche", "Non rapproché"
    AMBIGUOUS = "ambigu", "Ambigu"
    HOMONYM = "homonyme", "Homonyme"


class Reason(TextChoices):
    """Why a line has its outcome, in the words of the page."""

    SAME_BIRTH_DATE = "naissance", "Mêmes nom, prénom et date de naissance."
    SAME_NAMES = "noms", "Mêmes nom et prénom, que personne d’autre ne porte."
    SAME_CHILD = "enfant", "Mêmes nom et prénom, et responsable du même élève."
    LINES_ALIKE = (
        "lignes-semblables",
        (
            "Plusieurs lignes de mêmes noms, d’élèves de mêmes noms : la liste ne dit pas laquelle "
            "est laquelle. Pronote rapproche celles dont il a rapproché l’élève."
        ),
    )
    NAMES_ALONE = (
        "noms-seuls",
        "Mêmes nom et prénom. La liste ne dit pas de quels élèves : Pronote le vérifiera.",
    )
    IDENTIFIER = "identifiant", "Déjà rapproché : Pronote a son identifiant."
    SEVERAL_PERSONS = (
        "plusieurs-personnes",
        "Plusieurs personnes de l’ENT correspondent : à rapprocher à la main.",
    )
    SEVERAL_LINES = (
        "plusieurs-lignes",
        "Plusieurs lignes de la liste correspondent à la même personne : à rapprocher à la main.",
    )
    WRONG_IDENTIFIER = (
        "mauvais-identifiant",
        "Pronote lui garde un identifiant qui n’est pas le sien : effacez-le dans Pronote.",
    )
    TAKEN = (
        "deja-pris",
        "La personne de l’ENT qui porte ces noms est déjà rapprochée d’une autre ligne.",
    )
    NO_NAME = "sans-nom", "La ligne n’a pas de nom."
    LOST_LETTERS = (
        "lettres-perdues",
        "Des lettres sont devenues « ? » : exportez la liste en XLSX ou en UTF-8.",
    )
    NO_SUCH_NAME = "nom-inconnu", "Personne ne porte ces noms dans le fichier de l’ENT."
    NO_BIRTH_DATE = "sans-naissance", "La ligne n’a pas de date de naissance."
    BAD_BIRTH_DATE = "naissance-illisible", "La date de naissance de la ligne est illisible."
    OTHER_BIRTH_DATE = "autre-naissance", "Mêmes noms, mais une autre date de naissance dans l’ENT."
    NO_CHILD = "sans-eleve", "La liste ne lui donne aucun élève."
    CHILD_UNMATCHED = "eleve-non-rapproche", "Aucun de ses élèves n’est rapproché."
    OTHER_CHILDREN = (
        "autres-eleves",
        "Mêmes noms dans l’ENT, mais pas pour les mêmes élèves.",
    )


class IdentifierCheck(TextChoices):
    """Whose the identifier in Pronote's column « Identifiant CAS » is."""

    NONE = "", "Aucun"
    OURS = "actuel", "Le sien"
    FORMER = "ancien", "Un ancien"
    OTHER = "autre", "Celui d’une autre personne"
    UNKNOWN = "inconnu", "Inconnu de l’ENT"


class RunState(TextChoices):
    """Life of a dry run; whether a waiting one failed is read from its job."""

    WAITING = "attente", "En préparation"
    READY = "pret", "Terminé"
    ERASED = "efface", "Lignes effacées"


class ListState(TextChoices):
    """What became of one list of a dry run."""

    WAITING = "attente", "En préparation"
    REFUSED = "refusee", "Illisible"
    UNCLEAR = "colonnes", "Colonnes à préciser"
    COMPARED = "comparee", "Comparée"


class Situation(TextChoices):
    """Which lines a page shows."""

    OPEN = "a-rapprocher", "À rapprocher à la main"
    UNMATCHED = Outcome.UNMATCHED.value, "Non rapprochés"
    AMBIGUOUS = Outcome.AMBIGUOUS.value, "Ambigus"
    HOMONYM = Outcome.HOMONYM.value, "Homonymes"
    MATCHED = Outcome.MATCHED.value, "Rapprochés par Pronote"
    BY_HAND = "a-la-main", "Rapprochés à la main"
    WRONG_IDENTIFIER = "identifiants", "Identifiant à corriger"
    ALL = "toutes", "Toutes les lignes"
