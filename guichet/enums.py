"""Closed vocabularies of the guichet."""

from __future__ import annotations

from django.db.models import TextChoices


class PageVariant(TextChoices):
    """How the page asks: two choices, or one field that takes either."""

    CHOICE = "choix", "Choix entre mot de passe et clé"
    SINGLE = "champ-unique", "Un seul champ « Mot de passe ou Passcode OTP »"


class KeyState(TextChoices):
    """Where a key stands (`guichet.keys.transitions`)."""

    STOCK = "stock", "En stock"
    ASSIGNED = "attribuee", "Attribuée, jamais utilisée"
    FIRST_USE = "premier-usage", "Première utilisation commencée"
    ACTIVE = "active", "En service"
    LOCKED = "verrouillee", "Verrouillée"
    LOST = "perdue", "Désactivée : perdue"
    STOLEN = "volee", "Désactivée : volée"
    BROKEN = "cassee", "Désactivée : cassée"
    EXPIRED = "expiree", "Expirée"
    TO_RECOVER = "a-recuperer", "À récupérer"
    WITHDRAWN = "retiree", "Retirée"


class KeyEvent(TextChoices):
    """What happens to a key."""

    IMPORTED = "importee", "Importée"
    ASSIGNED = "attribuee", "Attribuée"
    FIRST_CODE = "premier-code", "Première utilisation : premier code accepté"
    PIN_SET = "code-pin-choisi", "Code PIN choisi"
    USED = "utilisee", "Utilisée"
    REFUSED = "refusee", "Essai refusé"
    TOO_MANY_FAILURES = "verrouillee", "Verrouillée après trop d’essais"
    UNLOCKED = "deverrouillee", "Déverrouillée"
    PIN_CANCELLED = "code-pin-annule", "Code PIN annulé"
    RESYNCHRONISED = "resynchronisee", "Resynchronisée"
    LOST = "declaree-perdue", "Déclarée perdue"
    STOLEN = "declaree-volee", "Déclarée volée"
    BROKEN = "declaree-cassee", "Déclarée cassée"
    EXPIRED = "expiree", "Arrivée à expiration"
    HOLDER_LEFT = "titulaire-parti", "Titulaire parti"
    REPLACED = "remplacee", "Remplacée par une autre clé"
    TAKEN_BACK = "recuperee", "Rendue : de nouveau en stock"
    WITHDRAWN = "retiree", "Retirée du service"
    RESCUE_ISSUED = "secours-remis", "Mot de passe de secours remis"
    RESCUE_USED = "secours-utilise", "Mot de passe de secours utilisé"


class KeySlot(TextChoices):
    """Which of the two keys of its holder: the one that opens, or the one that will replace it."""

    NONE = "", "Aucune"
    CURRENT = "courante", "Clé en service"
    NEXT = "suivante", "Clé suivante"


class PinState(TextChoices):
    """The PIN of a key."""

    NONE = "aucun", "Pas encore choisi"
    SET = "choisi", "Choisi"
    CANCELLED = "annule", "Annulé"


class RescueState(TextChoices):
    """A rescue password."""

    LIVE = "valable", "Valable"
    USED_UP = "epuise", "Épuisé"


class Algorithm(TextChoices):
    """The hash of a key's codes (RFC 6238)."""

    SHA1 = "SHA1", "SHA-1"
    SHA256 = "SHA256", "SHA-256"
    SHA512 = "SHA512", "SHA-512"


class IdentityProof(TextChoices):
    """How somebody proved who they are to the helpdesk."""

    IN_PERSON = "piece-identite", "Pièce d’identité vue au guichet"
    CALLED_BACK = "rappel", "Rappel au numéro connu du service"
    HEAD = "hierarchie", "Demande confirmée par le supérieur"
    VIDEO = "visio", "Pièce d’identité montrée en visioconférence"


class Verdict(TextChoices):
    """How a try ended, for the helpdesk; the page says one sentence for every refusal."""

    OPENED = "ouvert", "Entré"
    FIRST_USE = "premier-usage", "Première utilisation"
    UNKNOWN = "inconnu", "Identifiant inconnu"
    CLOSED = "ferme", "Compte fermé"
    NO_PASSWORD = "sans-mot-de-passe", "Aucun mot de passe choisi"
    WRONG_PASSWORD = "mauvais-mot-de-passe", "Mauvais mot de passe"
    NO_KEY = "sans-cle", "Aucune clé"
    WRONG_PIN = "mauvais-pin", "Code de la clé juste, code PIN faux"
    WRONG_CODE = "mauvais-code", "Code PIN juste, code de la clé faux"
    WRONG_BOTH = "tout-faux", "Code PIN et code de la clé faux"
    REPLAYED = "deja-utilise", "Code de la clé déjà utilisé"
    DRIFTED = "decalee", "Clé décalée : un second code la remettra à l’heure"
    LOCKED = "verrouillee", "Clé verrouillée"
    DISABLED = "desactivee", "Clé désactivée"
    EXPIRED = "expiree", "Clé expirée"
    WINDOW_OVER = "delai-passe", "Délai de première utilisation passé"
    NO_RESCUE = "sans-secours", "Aucun mot de passe de secours valable"
    WRONG_RESCUE = "mauvais-secours", "Mauvais mot de passe de secours"


class SeedImportState(TextChoices):
    """Where an import of seeds stands."""

    RECEIVED = "recu", "Lecture en cours"
    PREVIEWED = "lu", "Lu, à confirmer"
    APPLYING = "import", "Import en cours"
    APPLIED = "importe", "Importé"
    REFUSED = "refuse", "Refusé"
    CANCELLED = "annule", "Abandonné"
