"""A first message for the people to try, so that their mailbox shows what it is for."""

from __future__ import annotations

from collections.abc import Iterable

from directory.models import Person
from messaging.notices.sending import send_report

_SUBJECT = "Bienvenue dans la démonstration"
_BODY = (
    "Cette messagerie reçoit les bilans des travaux longs (envois, fichiers, imports) et les avis "
    "sur votre compte.\n\n"
    "Dans « Mes préférences », choisissez l’adresse à laquelle l’ENT vous écrit. Les courriels de "
    "la démonstration ne partent pas : ils sont montrés sur la page « Courriels de la "
    "démonstration »."
)


def greet(logins: Iterable[str]) -> None:
    """Leave one message to each of these people whose mailbox never received any."""
    persons = list(
        Person.objects.filter(account__login__in=list(logins), mailbox_entries__isnull=True)
    )
    if persons:
        send_report(to=persons, subject=_SUBJECT, body=_BODY)
