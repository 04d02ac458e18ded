"""Closed vocabularies of the credential files."""

from __future__ import annotations

from django.db.models import TextChoices


class FileOrigin(TextChoices):
    """Why a file was made."""

    IMPORT = "import", "Alimentation"
    REGENERATION = "regeneration", "Régénération"
    REISSUE = "reemission", "Réémission"


class FileState(TextChoices):
    """Life of a file; whether a waiting one failed is read from its job."""

    WAITING = "attente", "En préparation"
    READY = "pret", "Prêt"
    DELETED = "supprime", "Supprimé"


class OpeningState(TextChoices):
    """Life of an opening of codes; all that is not opened ends with the day."""

    ASKED = "demande", "En attente d’un administrateur"
    ALLOWED = "permis", "Permise"
    OPENED = "ouvert", "Ouverte"


class FileFormat(TextChoices):
    """The two twins of a file."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"


class Purpose(TextChoices):
    """What a stored file of this room is for; `ent.files` keeps the word beside the file."""

    CREDENTIALS = "credentials", "Fichier des identifiants"
    SLIPS = "slips", "Fiches et lettres"
    MAILING = "mailing", "Bilan d’une diffusion"


class EmailPresence(TextChoices):
    """Whether an address is known, as a criterion."""

    ANY = "", "Peu importe"
    WITH = "avec", "Avec une adresse électronique"
    WITHOUT = "sans", "Sans adresse électronique"


class LeftOut(TextChoices):
    """Why somebody of these classes is not in a selection; the order is that of the questions."""

    NO_ACCOUNT = "sans-compte", "sans compte"
    OUT_OF_REACH = "hors-portee", "au-delà de vos droits"
    ACADEMIC = "academique", "avec un compte académique\u00a0: ni code ni mot de passe ici"
    BLOCKED = "bloque", "dont le compte est bloqué"
    STATE = "etat", "dont le compte n’est pas dans l’état choisi"
    NO_EMAIL = "sans-adresse", "sans adresse électronique"
    HAS_EMAIL = "avec-adresse", "avec une adresse électronique"
    OLDER = "anterieur", "dont le compte est antérieur à la date choisie"
    NO_POSTAL_ADDRESS = "sans-adresse-postale", "sans adresse postale"
    NURSERY = "maternelle", "en maternelle"
    HANDED_OVER = "deja-remis", "dont le code a déjà été imprimé ou envoyé"


class SlipLayout(TextChoices):
    """How the sheets are cut."""

    EIGHT = "8", "Fiches, 8 par page"
    TWO = "2", "Fiches, 2 par page"
    ONE = "1", "Fiches, 1 par page"
    LETTER = "lettre", "Lettres pour enveloppe à fenêtre"


class Progress(TextChoices):
    """Where an account stands on its way to its owner; the dashboard shares accounts out so."""

    ACTIVE = "active", "Activés"
    HANDED = "remis", "Code remis"
    WAITING = "a-remettre", "Code à remettre"
    BLOCKED = "bloque", "Bloqués"


class Pace(TextChoices):
    """How the evolution is cut."""

    WEEK = "semaine", "Par semaine"
    DAY = "jour", "Par jour"


class LinkPurpose(TextChoices):
    """What a mailed link sets."""

    RESET = "oubli", "Mot de passe oublié"
    FIRST_PASSWORD = "premier", "Premier mot de passe"


class LinkState(TextChoices):
    """Why a mailed link opens nothing, in the words of its page."""

    UNKNOWN = "inconnu", "Ce lien n’est pas valable"
    USED = "utilise", "Ce lien a déjà servi"
    CHOSEN = "choisi", "Votre mot de passe a été choisi entre-temps, autrement que par ce lien"
    REPLACED = "remplace", "Un lien plus récent a remplacé celui-ci"
    EXPIRED = "expire", "Ce lien a expiré"
    MOVED = (
        "adresse",
        "Ce lien n’est plus valable\u00a0: votre adresse électronique a changé depuis",
    )
    CLOSED = "ferme", "Ce lien n’est plus valable\u00a0: votre compte est fermé"
    DEAD = "annule", "Ce lien n’est plus valable\u00a0: votre compte a changé depuis"


class LostKind(TextChoices):
    """What somebody has forgotten."""

    PASSWORD = "mot-de-passe", "Mot de passe oublié"
    LOGIN = "identifiant", "Identifiant oublié"


class CampaignState(TextChoices):
    """Life of a mailing."""

    RUNNING = "en-cours", "En cours"
    CANCELLED = "arretee", "Arrêtée"
    DONE = "terminee", "Terminée"


class RecipientState(TextChoices):
    """What became of one mail; every recipient is in exactly one, so that they add up."""

    QUEUED = "attente", "En attente"
    SENDING = "envoi", "Envoi en cours"
    ACCEPTED = "accepte", "Envoyé"
    DEFERRED = "differe", "Nouvel essai prévu"
    REFUSED = "refuse", "Refusé"
    UNCERTAIN = "incertain", "Incertain"
    RETURNED = "retourne", "Revenu en erreur"
    CANCELLED = "arrete", "Non envoyé (arrêt)"
    SKIPPED = "ecarte", "Écarté"

    @classmethod
    def open(cls) -> tuple[RecipientState, ...]:
        """States that are not the end of it."""
        return (cls.QUEUED, cls.DEFERRED, cls.SENDING)


class SkipReason(TextChoices):
    """Why somebody who was chosen is not written to."""

    NO_ADDRESS = "sans-adresse", "sans adresse électronique"
    BAD_ADDRESS = "adresse-invalide", "dont l’adresse n’est pas valable"
    OTHER_CAMPAIGN = "autre-envoi", "à qui un autre envoi en cours écrit déjà"
    STOPPED_CAMPAIGN = "envoi-arrete", "qui attendent dans un envoi arrêté"
    RECENT = "deja-ecrit", "à qui ce courriel a été envoyé ces 7 derniers jours"
    ACTIVATED = "active", "dont le compte a été activé entre-temps"
    BLOCKED = "bloque", "dont le compte a été bloqué entre-temps"
    LEFT = "parti", "qui ont quitté l’établissement entre-temps"
    ERASED = "efface", "dont le compte n’existe plus"

    @classmethod
    def unreachable(cls) -> tuple[SkipReason, ...]:
        """Those to whom no mail can go: paper is left."""
        return (cls.NO_ADDRESS, cls.BAD_ADDRESS)

    @classmethod
    def met(cls) -> tuple[SkipReason, ...]:
        """Those whom another mailing has reached or will reach."""
        return (cls.OTHER_CAMPAIGN, cls.STOPPED_CAMPAIGN, cls.RECENT)
