"""What the journal keeps of the exchange with Pronote."""

from __future__ import annotations

from django.db.models import TextChoices

from ent.audit.vocabulary import vocabulary


@vocabulary(details=("instance", "export", "fingerprint", "envelope", "secret"))
class PronoteAct(TextChoices):
    """The vendor's settings, instances, exports and machines; people are counted, never named."""

    VENDOR_CHANGED = "pronote:vendor:changed", "Éditeur de Pronote modifié"
    KEY_CHANGED = "pronote:key:changed", "Clé publique de Pronote remplacée"
    INSTANCE_CREATED = "pronote:instance:created", "Instance de Pronote créée"
    INSTANCE_CHANGED = "pronote:instance:changed", "Instance de Pronote modifiée"
    SCHOOLS_CHANGED = "pronote:schools:changed", "Établissements d’une instance modifiés"
    INSTANCE_WITHDRAWN = "pronote:instance:withdrawn", "Instance de Pronote retirée"
    EXPORT_REQUESTED = "pronote:export:requested", "Export pour Pronote demandé"
    EXPORT_MADE = "pronote:export:made", "Export pour Pronote fait"
    EXPORT_DOWNLOADED = "pronote:export:downloaded", "Export pour Pronote téléchargé en entier"
    MACHINE_CHANGED = "pronote:machine:changed", "Accès d’une machine modifié"
    SECRET_CREATED = "pronote:secret:created", "Secret d’une machine créé"
    SECRET_WITHDRAWN = "pronote:secret:withdrawn", "Secret d’une machine retiré"
    MACHINE_REFUSED = "pronote:machine:refused", "Appel d’une machine refusé"
