"""Closed vocabularies of the portal's pages."""

from __future__ import annotations

from django.db.models import TextChoices


class NewsState(TextChoices):
    """What its author decided; whether it shows today also depends on its dates."""

    DRAFT = "brouillon", "Brouillon"
    PUBLISHED = "publiee", "Publiée"
    WITHDRAWN = "retiree", "Retirée"


class NewsAudience(TextChoices):
    """Who may read a piece of news."""

    PUBLIC = "tous", "Tout le monde (page publique)"
    CONNECTED = "connectes", "Personnes connectées de l’établissement"


class TextKind(TextChoices):
    """The pages that every portal owes to its visitors; values are their addresses."""

    LEGAL = "mentions-legales", "Mentions légales"
    PRIVACY = "donnees-personnelles", "Données personnelles"
    ACCESSIBILITY = "accessibilite", "Accessibilité"
    HELP = "aide", "Aide"
