"""A process that sends: `… -m bench.mailing_worker bare|round PORT CAMPAIGN MAILS CONNECTIONS`.

It says « ready », waits for « go », sends, and says how many seconds passed until the last mail was
taken, and how many until everything was done (the report of a mailing comes after its last mail).
"""

from __future__ import annotations

import os
import smtplib
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from credentials.mailing.writing import Letter


def main() -> None:
    """Send a share of the mails by a bare loop, or rounds of ours until nothing waits."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.demo")
    import django

    django.setup()
    from django.test import override_settings

    kind, port, campaign, mails, connections = sys.argv[1], *map(int, sys.argv[2:])
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        MAIL_PER_SECOND=0,
        MAIL_CONNECTIONS=connections,
    ):
        act = _bare(campaign, port, mails) if kind == "bare" else _rounds(campaign)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        began = time.time()
        last = act()
        sys.stdout.write(f"{last - began} {time.time() - began}\n")


def _rounds(campaign: int) -> Callable[[], float]:
    from django.db.models import Max

    from credentials.mailing.sending import run_round
    from credentials.models import CampaignRecipient

    _example(campaign)  # a worker has read its templates and the portal's addresses long before

    def send() -> float:
        while run_round(lasting=timedelta(minutes=10)):
            pass
        ours = CampaignRecipient.objects.filter(campaign=campaign)
        last: datetime = ours.aggregate(last=Max("ended_at"))["last"]
        return last.timestamp()

    return send


def _bare(campaign: int, port: int, mails: int) -> Callable[[], float]:
    letter = _example(campaign)
    content = letter.message().message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]

    def send() -> float:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="bench") as smtp:
            for _ in range(mails):
                smtp.sendmail(letter.sender, [letter.address], content)
            return time.time()

    return send


def _example(campaign: int) -> Letter:
    """Return a mail like those of the campaign."""
    from credentials.links.services import link_address
    from credentials.mailing.trials import example
    from credentials.mailing.writing import frame_of, write
    from credentials.models import Campaign

    person = replace(example(None, address="parent@example.org"), href=link_address("x" * 43))
    return write(frame_of(Campaign.objects.get(pk=campaign)), person)


if __name__ == "__main__":
    main()
