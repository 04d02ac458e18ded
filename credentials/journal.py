"""What the journal keeps of credentials on paper and by mail."""

from __future__ import annotations

from django.db.models import TextChoices

from ent.audit.vocabulary import vocabulary


@vocabulary(details=("layout",))
class SlipAct(TextChoices):
    """Printings: the request, and each person whose code stands on paper."""

    REQUESTED = "slips:requested", "Fiches d’identifiants demandées"
    PRINTED = "slip:printed", "Fiche d’identifiants imprimée"
    REPRINTED = "slip:reprinted", "Fiche d’identifiants imprimée à nouveau"
    DELETED = "slips:deleted", "Fiches d’identifiants supprimées"


@vocabulary(details=("reference", "count"))
class OpeningAct(TextChoices):
    """Codes beyond the day's ceiling."""

    ALLOWED = "codes:opening:allowed", "Ouverture de codes permise au-delà du plafond"


@vocabulary
class MailingAct(TextChoices):
    """Mailings: what somebody asked for and when it ended."""

    REQUESTED = "mailing:requested", "Diffusion des identifiants demandée"
    CANCELLED = "mailing:cancelled", "Diffusion des identifiants arrêtée"
    RESUMED = "mailing:resumed", "Diffusion des identifiants reprise"
    RESENT = "mailing:resent", "Envois échoués relancés"
    ENDED = "mailing:ended", "Diffusion des identifiants terminée"
    EXPORTED = "mailing:exported", "Liste des utilisateurs sans adresse téléchargée"
