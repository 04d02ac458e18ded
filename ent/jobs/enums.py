"""States of a job."""

from django.db import models


class JobState(models.TextChoices):
    """A job goes from `QUEUED` to `RUNNING` (and back after a crash), then to one of the others."""

    QUEUED = "queued", "En attente"
    RUNNING = "running", "En cours"
    SUCCEEDED = "succeeded", "Terminé"
    FAILED = "failed", "Échoué"
    CANCELLED = "cancelled", "Annulé"


LIVE_STATES = (JobState.QUEUED, JobState.RUNNING)
ENDED_STATES = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
