"""Closed vocabularies of the portal's pages."""

from __future__ import annotations

from django.db.models import IntegerChoices, TextChoices

from ent.audit.vocabulary import vocabulary


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


class MessageTone(TextChoices):
    """How much the message of the day presses."""

    INFORMATION = "info", "Information"
    IMPORTANT = "alerte", "Important"


class FileKind(TextChoices):
    """What a file of a school's site is."""

    PICTURE = "image", "Image"
    DOCUMENT = "document", "Document"


class Weekday(IntegerChoices):
    """Days of the week, as `date.isoweekday` counts them."""

    MONDAY = 1, "Lundi"
    TUESDAY = 2, "Mardi"
    WEDNESDAY = 3, "Mercredi"
    THURSDAY = 4, "Jeudi"
    FRIDAY = 5, "Vendredi"
    SATURDAY = 6, "Samedi"
    SUNDAY = 7, "Dimanche"


@vocabulary
class SiteAct(TextChoices):
    """What the journal says of a school's site; publishing news has its words in the kernel."""

    TEXT_SAVED = "site:text:saved", "Texte du site enregistré"
    TEXT_RESTORED = "site:text:restored", "Version d’un texte rétablie"
    TEXT_DELETED = "site:text:deleted", "Texte du site supprimé"
    PAGE_WITHDRAWN = "site:page:withdrawn", "Page pratique retirée"
    NEWS_PINNED = "site:news:pinned", "Actualité épinglée ou détachée"
    FACTS_CHANGED = "site:facts:changed", "Liens, horaires ou message du site modifiés"
    FILE_ADDED = "site:file:added", "Fichier du site déposé"
    FILE_CHANGED = "site:file:changed", "Fichier du site modifié"
    FILE_DELETED = "site:file:deleted", "Fichier du site supprimé"
