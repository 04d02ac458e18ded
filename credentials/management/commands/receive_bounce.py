"""`manage.py receive_bounce`: what the mail server runs for a mail to a bounce address.

# Postfix, transport map of MAIL_BOUNCE_DOMAIN; ${original_recipient} is the whole address
manage.py receive_bounce --to ${original_recipient} < mail
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from credentials.mailing.bounces import LONGEST, receive


class Command(BaseCommand):
    """Reads one mail on its standard input."""

    help = "Reads a mail that came back (standard input) and says so on its recipient's row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address of the envelope."""
        parser.add_argument("--to", default="", help="the address to which it came (envelope)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Never fails: the mail server would send a failure about a failure."""
        was_ours = receive(sys.stdin.buffer.read(LONGEST), to=options["to"])
        self.stdout.write("returned" if was_ours else "ignored")
