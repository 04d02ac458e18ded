"""The acts that the journal knows, and how an act ended."""

from django.db import models

from ent.audit.vocabulary import vocabulary


class Outcome(models.TextChoices):
    """How the act ended; a refusal is an act too."""

    SUCCESS = "success", "Réussi"
    REFUSED = "refused", "Refusé"
    FAILED = "failed", "Échoué"


@vocabulary
class Act(models.TextChoices):
    """The acts common to the product: `object:what` or `object:part:what`, in the past tense.

    The list is closed: a word that is not here, or in a vocabulary that a higher room registered,
    cannot be written. Nothing is ever renamed, since old lines keep their word.
    """

    SIGN_IN_SUCCEEDED = "account:sign-in:success", "Connexion réussie"
    SIGN_IN_FAILED = "account:sign-in:failure", "Connexion refusée"
    SIGN_IN_SLOWED = "account:sign-in:slowed", "Connexion ralentie après des échecs"
    SIGNED_OUT = "account:signed-out", "Déconnexion"
    SESSIONS_CLOSED = "account:sessions:closed", "Connexions fermées depuis un autre appareil"
    ACCOUNT_CREATED = "account:created", "Compte créé"
    ACCOUNT_ACTIVATED = "account:activated", "Compte activé"
    ACCOUNT_BLOCKED = "account:blocked", "Compte bloqué"
    ACCOUNT_UNBLOCKED = "account:unblocked", "Compte débloqué"
    ACCOUNT_UNLOCKED = "account:unlocked", "Attente levée après des échecs de connexion"
    LOGIN_CHANGED = "account:login:changed", "Identifiant modifié"
    PASSWORD_CHOSEN = "account:password:chosen", "Mot de passe choisi"
    PASSWORD_REGENERATED = "account:password:regenerated", "Mot de passe régénéré"
    CODE_USED = "account:code:used", "Code d’activation utilisé"
    CODE_REGENERATED = "account:code:regenerated", "Code d’activation régénéré"
    SECOND_FACTOR_ENROLLED = "account:second-factor:enrolled", "Second facteur installé"
    SECOND_FACTOR_PROVED = "account:second-factor:proved", "Second facteur vérifié"
    SECOND_FACTOR_REFUSED = "account:second-factor:refused", "Second facteur refusé"
    SECOND_FACTOR_REMOVED = "account:second-factor:removed", "Second facteur retiré"
    SECOND_FACTOR_RESET = "account:second-factor:reset", "Second facteur réinitialisé"
    RECOVERY_CODES_RENEWED = "account:recovery-codes:renewed", "Codes de secours remplacés"
    TERMS_ACCEPTED = "terms:accepted", "Conditions d’utilisation acceptées"
    SPRAY_DETECTED = "alert:spray", "Essais de mots de passe en série"
    CEILING_REACHED = "alert:ceiling", "Plafond d’actes atteint"

    PERSON_VIEWED = "person:viewed", "Fiche consultée"
    PERSON_CREATED = "person:created", "Personne créée"
    PERSON_CHANGED = "person:changed", "Fiche modifiée"
    PERSON_LEFT = "person:left", "Départ constaté"
    PERSON_RESTORED = "person:restored", "Personne rétablie"
    PERSON_ERASED = "person:erased", "Personne effacée"
    DIRECTORY_EXPORTED = "directory:exported", "Annuaire exporté"
    ROLE_GRANTED = "role:granted", "Accès donné"
    ROLE_WITHDRAWN = "role:withdrawn", "Accès retiré"
    CLASS_GIVEN = "class:given", "Enseignant rattaché à des classes"
    CLASS_WITHDRAWN = "class:withdrawn", "Enseignant détaché d’une classe"

    IMPORT_RECEIVED = "import:received", "Livraison déposée"
    IMPORT_STARTED = "import:started", "Import lancé"
    IMPORT_APPLIED = "import:applied", "Import appliqué"
    IMPORT_HELD = "import:held", "Import retenu par le garde-fou"
    IMPORT_CONFIRMED = "import:confirmed", "Import confirmé malgré le garde-fou"
    IMPORT_REFUSED = "import:refused", "Import refusé"
    IMPORT_CANCELLED = "import:cancelled", "Import annulé"

    FILE_CREATED = "file:created", "Fichier créé"
    FILE_HANDED_OVER = "file:handed-over", "Fichier ouvert pour un téléchargement"
    FILE_DOWNLOADED = "file:downloaded", "Fichier téléchargé"
    FILE_DELETED = "file:deleted", "Fichier supprimé"
    FILE_EXPIRED = "file:expired", "Fichier supprimé à son échéance"
    FILES_REGENERATED = "files:regenerated", "Fichiers des identifiants régénérés"
    CODES_REISSUED = "codes:reissued", "Codes réémis"

    PAGE_PUBLISHED = "page:published", "Page de l’établissement publiée"
    NEWS_PUBLISHED = "news:published", "Actualité publiée"
    NEWS_UNPUBLISHED = "news:unpublished", "Actualité dépubliée"
    SETTINGS_CHANGED = "settings:changed", "Réglage modifié"
    DOOR_CHANGED = "door:changed", "Guichet modifié"

    JOURNAL_READ = "journal:read", "Journal consulté"
    JOURNAL_PURGED = "journal:purged", "Mois du journal supprimé à son échéance"
    JOURNAL_ANCHORED = "journal:anchored", "Repère du journal refait après une restauration"
