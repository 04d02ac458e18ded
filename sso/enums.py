"""Closed vocabularies of single sign-on."""

from __future__ import annotations

from django.db.models import TextChoices

from signin.enums import Method


class AddressUse(TextChoices):
    """What an address of a service is for."""

    SIGN_IN = "connexion", "Connexion et déconnexion"
    PROXY_CALLBACK = "mandat", "Réception des mandats (pgtUrl)"


class RequiredStrength(TextChoices):
    """What somebody must have proved before the service opens (R-C6): a word of `Method`."""

    NONE = "aucune", "Toute connexion"
    KEY = Method.KEY.value, "Clé de sécurité OTP de l’académie"
    TOTP = Method.TOTP.value, "Second facteur de l’ENT"


class LogoutMode(TextChoices):
    """What a service is told when the sign-on ends."""

    BACK_CHANNEL = "directe", "Prévenir le service (recommandé)"
    NONE = "aucune", "Ne rien envoyer"


class TicketLength(TextChoices):
    """How long tickets are; both hold far more than 128 random bits."""

    STANDARD = "standard", "Standard (51 caractères)"
    SHORT = "court", "Court, pour les anciens clients (32 caractères)"


class TicketKind(TextChoices):
    """A service ticket, or a proxy ticket."""

    SERVICE = "ST", "Ticket de service"
    PROXY = "PT", "Ticket mandaté"


class AttributeSource(TextChoices):
    """What may be released about somebody; everything but the first is nominative or pupil data."""

    OPAQUE_ID = "identifiant-opaque", "Identifiant opaque"
    LOGIN = "identifiant", "Identifiant de connexion"
    PERSON_UUID = "uuid", "UUID de la personne, le même pour tous les services"
    FAMILY_NAME = "nom", "Nom"
    GIVEN_NAME = "prenom", "Prénom"
    FULL_NAME = "nom-complet", "Prénom et nom"
    TITLE = "civilite", "Civilité"
    BIRTH_DATE = "date-naissance", "Date de naissance"
    POSTAL_CODE = "code-postal", "Code postal"
    EMAIL = "courriel", "Courriel"
    PROFILE = "profil", "Profil"
    MAIN_SCHOOL_UAI = "uai", "UAI de l’établissement principal"
    SCHOOL_UAIS = "uais", "UAI de tous les établissements"
    CLASSES = "classes", "Classes"


class AttributeFormat(TextChoices):
    """How a value is written."""

    PLAIN = "tel-quel", "Tel quel"
    UPPER = "majuscules", "En majuscules"
    LOWER = "minuscules", "En minuscules"
    ISO_DATE = "date-iso", "Date AAAA-MM-JJ"
    FRENCH_DATE = "date-francaise", "Date JJ/MM/AAAA"


class ProfileVocabulary(TextChoices):
    """The words in which a service is told the profile."""

    OURS = "preau", "eleve, tuteur, enseignant…"
    NATIONAL_NUMBERS = "national-numeros", "National_1, National_2… (Pronote)"
    SDET = "sdet", "National_ELV, National_TUT, National_ENS… (SDET)"
    EDU_PERSON = "eduperson", "student, teacher, staff… (SupAnn, eduPerson)"


class Refusal(TextChoices):
    """Why a service does not open for somebody; the label is what the refusal page says."""

    CLOSED = "ferme", "Ce service est fermé."
    NOT_YET = "pas-encore", "Ce service n’est pas encore ouvert."
    OVER = "termine", "Ce service a fermé."
    NOT_FOR_YOU = "hors-population", "Ce service n’est pas ouvert à votre profil."


class ServiceRight(TextChoices):
    """What a named user may do in « Accès utilisateur »."""

    USE = "acces", "Accéder au service"


class FailureCode(TextChoices):
    """The protocol's own words (CAS 3.0.3, 2.5.3 and 2.7.2) for what went wrong."""

    INVALID_REQUEST = "INVALID_REQUEST", "A required parameter is missing or unreadable"
    INVALID_TICKET_SPEC = "INVALID_TICKET_SPEC", "A proxy ticket is validated by proxyValidate only"
    INVALID_TICKET = "INVALID_TICKET", "The ticket is unknown, used or expired"
    INVALID_SERVICE = "INVALID_SERVICE", "The ticket was issued for another service address"
    UNAUTHORIZED_SERVICE = "UNAUTHORIZED_SERVICE", "The service is not registered or is closed"
    UNAUTHORIZED_SERVICE_PROXY = (
        "UNAUTHORIZED_SERVICE_PROXY",
        "The service is not authorized to perform proxy authentication",
    )
    INVALID_PROXY_CALLBACK = (
        "INVALID_PROXY_CALLBACK",
        "The callback is not registered, not https, or did not answer 200",
    )
    INTERNAL_ERROR = "INTERNAL_ERROR", "The identity required by the contract is not available"


class ReturnMethod(TextChoices):
    """How the browser brings the ticket to the service (CAS 3.0.3, 2.1.1, ``method``)."""

    GET = "GET", "Redirection"
    POST = "POST", "Formulaire"
    HEADER = "HEADER", "En-têtes"
