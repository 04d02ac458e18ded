"""``manage.py import_aaf``: import a delivery from the command line."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from directory.enums import DeliveryState
from directory.imports.layouts.aaf.common.file_names import COMPLETE
from directory.imports.reports.terminal import describe
from directory.imports.runs.locks import ImportBusy
from directory.imports.runs.sequence import run_import
from directory.imports.runs.state import ImportOutcome
from directory.models.deliveries import Delivery
from directory.models.schools import Authority

EXIT_REFUSED = 2
EXIT_HELD = 3
EXIT_BUSY = 4


class Command(BaseCommand):
    """Import an AAF delivery, or preview it."""

    help = """Importe une livraison AAF (fichiers de l’académie) dans l’annuaire.

Exemples :
  manage.py import_aaf depot/2026-09-01/ --authority NANCY-METZ --preview
      montre ce qui changerait, sans rien écrire dans l’annuaire ;
  manage.py import_aaf ENT2DVA.20260901.tgz --authority NANCY-METZ
      importe l’archive ; en cas de départs trop nombreux, rien n’est appliqué ;
  manage.py import_aaf depot/ --authority NANCY-METZ --confirm-departures 312
      applique malgré le garde-fou, si ce sont bien 312 personnes qui partent.

L'autorité doit exister : manage.py create_authority CODE --name "Nom", une fois.

Code de sortie : 0 appliqué (ou aperçu montré), 2 livraison refusée, 3 retenue par le garde-fou,
4 un autre import de la même autorité est en cours."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the line breaks of the help."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The delivery, its authority, and what to do with it."""
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="CHEMIN",
            help="dossier, fichiers XML, ou archive .tgz, .tar.gz, .zip",
        )  # fmt: skip
        parser.add_argument(
            "--authority", required=True, metavar="CODE",
            help="code de l’autorité qui livre, par exemple NANCY-METZ",
        )  # fmt: skip
        parser.add_argument(
            "--preview", action="store_true", help="montrer ce qui changerait, sans rien appliquer"
        )
        parser.add_argument(
            "--complete", action="store_true",
            help="dire que l’envoi est complet quand aucun nom ne le dit",
        )  # fmt: skip
        parser.add_argument(
            "--confirm-departures", nargs="?", const="", metavar="NOMBRE",
            help="appliquer malgré le garde-fou : le nombre exact de départs annoncé ; sans "
            "nombre, les mêmes fichiers doivent avoir été retenus juste avant, mêmes départs",
        )  # fmt: skip
        parser.add_argument(
            "--polite", action="store_true",
            help="laisser la priorité aux personnes connectées (un seul lecteur, plus lent)",
        )  # fmt: skip
        parser.add_argument(
            "--timings", action="store_true", help="montrer la durée de chaque étape"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say what came of it."""
        authority = self._authority(options["authority"])
        confirmed_count, token = self._confirmation(options["confirm_departures"], authority)
        shown = _Terminal(sys.stderr if options["verbosity"] else None)
        try:
            outcome = run_import(
                paths=options["paths"],
                authority=authority,
                preview=options["preview"],
                confirmed_count=confirmed_count,
                confirmed_token=token,
                polite=options["polite"],
                mode=COMPLETE if options["complete"] else "",
                progress=shown.progress,
            )
        except ImportBusy:
            shown.close()
            self.stderr.write(
                f"Un import de {authority.code} est déjà en cours : réessayez ensuite."
            )
            sys.exit(EXIT_BUSY)
        shown.close()
        for line in describe(outcome.delivery, preview=options["preview"]):
            self.stdout.write(line)
        if options["timings"]:
            self._show_timings(outcome)
        if outcome.state == DeliveryState.REFUSED:
            sys.exit(EXIT_REFUSED)
        if outcome.state == DeliveryState.HELD and not options["preview"]:
            sys.exit(EXIT_HELD)

    def _authority(self, code: str) -> Authority:
        try:
            return Authority.objects.get(code__iexact=code)
        except Authority.DoesNotExist:
            known = ", ".join(Authority.objects.order_by("code").values_list("code", flat=True))
            raise CommandError(
                f"aucune autorité « {code} ». Autorités connues : {known or 'aucune'}. "
                f'Pour en ajouter une : manage.py create_authority {code} --name "…".'
            ) from None

    def _confirmation(self, given: str | None, authority: Authority) -> tuple[int | None, str]:
        if given is None:
            return None, ""
        if given == "":
            last = Delivery.objects.filter(authority=authority).order_by("-id").first()
            held = last is not None and last.state == DeliveryState.HELD
            return None, str(last.guard.get("token", "")) if held and last is not None else ""
        if not given.isdigit():
            raise CommandError("--confirm-departures attend le nombre exact de départs.")
        return int(given), ""

    def _show_timings(self, outcome: ImportOutcome) -> None:
        for timing in outcome.timings:
            if timing.seconds >= 0.01:
                self.stdout.write(f"  {timing.seconds:8.2f} s  {timing.rows:>9}  {timing.title}")
        self.stdout.write(f"  {outcome.seconds:8.2f} s  en tout")


class _Terminal:
    """One line that rewrites itself on a terminal; one line per step elsewhere."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.is_live = stream is not None and stream.isatty()
        self.step = ""
        self.next_write = 0.0

    def progress(self, step: str, done: int, total: int) -> None:
        """Show where the import is."""
        if self.stream is None:
            return
        if self.is_live:
            now = time.monotonic()
            if step == self.step and now < self.next_write:
                return
            self.next_write = now + 0.2
            share = f" {min(done * 100 // total, 100)} %" if total else ""
            self.stream.write(f"\r\033[K{step}…{share}")
        elif step != self.step:
            self.stream.write(f"{step}…\n")
        self.step = step
        self.stream.flush()

    def close(self) -> None:
        """Clear the live line."""
        if self.stream is not None and self.is_live:
            self.stream.write("\r\033[K")
            self.stream.flush()
