"""Closed vocabularies of sign-in."""

from __future__ import annotations

from django.db.models import TextChoices


class AccountState(TextChoices):
    """State of an account; the directory shows a copy of it."""

    PENDING = "non-active", "Non activé"
    ACTIVE = "active", "Activé"
    BLOCKED = "bloque", "Bloqué"


class AccountKind(TextChoices):
    """Where the secret of an account lives."""

    LOCAL = "local", "Compte géré par l’ENT"
    ACADEMIC = "academique", "Compte académique"


class Audience(TextChoices):
    """The four answers of the mire to « Vous souhaitez vous connecter à votre ENT en tant que »."""

    FAMILY = "eleve-parent", "Élève ou parent"
    TEACHER = "enseignant", "Enseignant"
    STAFF = "personnel", "Personnel non enseignant"
    OTHER = "autres", "Autres comptes et invités"


class DoorKind(TextChoices):
    """How a door proves who somebody is."""

    LOCAL = "local", "Mot de passe de l’ENT"
    CAS = "cas", "Portail académique (CAS)"
    GUICHET = "guichet", "Guichet OTP"
    LDAP = "ldap", "Annuaire LDAP"


class Realm(TextChoices):
    """Sessions of the portal and of a guichet never meet."""

    PORTAL = "portail", "Portail"
    GUICHET = "guichet", "Guichet"


class SignInOutcome(TextChoices):
    """How one try at a local door ended."""

    PASSWORD = "mot-de-passe", "Mot de passe"
    CODE = "code", "Code d’activation"
    REFUSED = "refus", "Refusée"
    WAIT = "attente", "En attente"
    SLOWED = "ralentie", "Ralentie"
    STALE = "perimee", "Page périmée"


class Method(TextChoices):
    """What somebody proved in this session; a session may hold several (R-C6)."""

    PASSWORD = "mot-de-passe", "Mot de passe de l’ENT"
    CODE = "code", "Code d’activation"
    ACADEMIC = "academie", "Portail de l’académie"
    TOTP = "totp", "Code de l’application d’authentification"
    KEY = "cle-otp", "Clé de sécurité OTP"
