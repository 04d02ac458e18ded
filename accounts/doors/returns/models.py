"""What is kept of a return: the session that it opened, and the return that has no cookies yet."""

from __future__ import annotations

from django.db import models

from accounts.doors.base.models import Door


class DoorSession(models.Model):
    """The answer that opened a session, and the name by which the other side ends it (T-E7)."""

    door = models.ForeignKey(Door, models.CASCADE, related_name="door_sessions")
    answer_hash = models.BinaryField(max_length=32, null=True)
    """None when the protocol names no answer: only the session can be named then."""
    session_hash = models.BinaryField(max_length=32)
    sign_on = models.UUIDField()
    opened_at = models.DateTimeField("ouverte le", auto_now_add=True)

    class Meta:
        verbose_name = "session académique"
        verbose_name_plural = "sessions académiques"
        constraints = [
            models.UniqueConstraint(fields=["door", "answer_hash"], name="door_session_answer"),
        ]
        indexes = [
            models.Index(fields=["sign_on"], name="door_session_sign_on"),
            models.Index(fields=["door", "session_hash"], name="door_session_name"),
        ]

    def __str__(self) -> str:
        return "session académique"


class StoredReturn(models.Model):
    """A return that was posted from another site, hence without our cookies.

    It is kept for two minutes, under the hash of the token that the browser goes on with.
    """

    token_hash = models.BinaryField(max_length=32, primary_key=True)
    door = models.ForeignKey(Door, models.CASCADE, related_name="stored_returns")
    nonce = models.TextField(null=True)  # noqa: DJ001 - none is not an empty one
    answer = models.TextField(blank=True)
    values = models.JSONField()
    source_hash = models.BinaryField(max_length=32)
    """Keyed hash of the group of addresses that posted it: each may keep a few only."""
    stored_at = models.DateTimeField()

    class Meta:
        verbose_name = "retour en attente"
        verbose_name_plural = "retours en attente"
        indexes = [
            models.Index(fields=["stored_at"], name="stored_return_stored_at"),
            models.Index(fields=["source_hash"], name="stored_return_source"),
        ]

    def __str__(self) -> str:
        return "retour en attente"
