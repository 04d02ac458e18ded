"""Telling whoever runs the portal, at once, that something is away."""

from __future__ import annotations

import logging
import threading
import time
from typing import Final

from django.conf import settings
from django.core.mail import mail_admins

from ent.outages.causes import WORDS, Outage

logger = logging.getLogger(__name__)

#: From each process, for each outage.
SECONDS_BETWEEN_MAILS: Final = 3600.0
_SUBJECTS: Final = {
    Outage.SPACE: "Plus de place",
    Outage.READ_ONLY: "Base en lecture seule",
    Outage.DATABASE: "Base indisponible",
    Outage.BROKER: "File des travaux indisponible",
}
_TODO: Final = {
    Outage.SPACE: "Libérez de la place pour PostgreSQL (données et journaux), le dossier var et le "
    "dossier temporaire.",
    Outage.READ_ONLY: "Rendez la base inscriptible, ou désignez le nouveau serveur principal.",
    Outage.DATABASE: "Regardez PostgreSQL et le réseau qui y mène.",
    Outage.BROKER: "Regardez Redis, ou le dossier de la file.",
}
#: When this process last told of each.
told_at: Final[dict[Outage, float]] = {}


def tell_operators(outage: Outage) -> None:
    """Log the outage, and mail it to `OPERATOR_EMAILS`, once an hour; never waits for the mail.

    Nothing is remembered in the database: it may be what is away.
    """
    if outage not in _SUBJECTS:
        return
    now = time.monotonic()
    if now < told_at.get(outage, -SECONDS_BETWEEN_MAILS) + SECONDS_BETWEEN_MAILS:
        return
    told_at[outage] = now
    logger.critical("outage: %s", outage.value)
    if settings.ADMINS:
        threading.Thread(target=_mail, args=[outage], name="outage", daemon=True).start()


def _mail(outage: Outage) -> None:
    try:
        mail_admins(
            _SUBJECTS[outage],
            f"{WORDS[outage]}\n\n{_TODO[outage]} Les travaux en attente reprendront d’eux-mêmes.\n"
            f"L’état du portail : {settings.PUBLIC_BASE_URL.rstrip('/')}/sante/\n",
        )
    except Exception as failure:
        logger.warning("the mail to the operators was not taken (%s)", type(failure).__name__)
