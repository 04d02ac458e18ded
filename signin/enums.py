"""Closed vocabularies of any realm's sign-in."""

from __future__ import annotations

from django.db.models import TextChoices


class Realm(TextChoices):
    """Sessions of the portal and of a guichet never meet."""

    PORTAL = "portail", "Portail"
    GUICHET = "guichet", "Guichet"


class Method(TextChoices):
    """What somebody proved in this session; a session may hold several (R-C6)."""

    PASSWORD = "mot-de-passe", "Mot de passe de l’ENT"
    CODE = "code", "Code d’activation"
    ACADEMIC = "academie", "Portail de l’académie"
    TOTP = "totp", "Code de l’application d’authentification"
    KEY = "cle-otp", "Clé de sécurité OTP"
    RESCUE = "secours", "Mot de passe de secours"
