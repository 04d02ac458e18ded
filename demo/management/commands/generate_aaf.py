"""Write a complete AAF delivery about invented people."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.aaf import (
    DeliveryTruth,
    Encoding,
    GeneratorSpec,
    Layout,
    generate,
    generate_first_degree,
)
from demo.aaf.places import known_authorities

_PROJECTS = {1: "ENT1D-DEMO", 2: GeneratorSpec().project}


class Command(BaseCommand):
    """``manage.py generate_aaf OUTPUT``."""

    help = (
        "Écrit une livraison AAF complète (établissements, élèves, responsables,\n"
        "personnels, formations, matières) dont toutes les personnes sont inventées.\n"
        "Les mêmes options donnent toujours les mêmes fichiers. Exemples :\n"
        "  manage.py generate_aaf var/livraison --schools 3\n"
        "  manage.py generate_aaf var/million.tgz --persons 1000000\n"
        "  manage.py generate_aaf var/lendemain --schools 3 --mutate 0.01 --date 2026-09-02\n"
        "  manage.py generate_aaf var/ecoles --degree 1 --schools 5\n"
        "La livraison se lit ensuite avec « manage.py import_aaf »."
    )

    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the examples."""
        return super().create_parser(
            prog_name, subcommand, formatter_class=argparse.RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        """Options, in the order in which one needs them."""
        default = GeneratorSpec()
        parser.add_argument(
            "output",
            type=Path,
            metavar="SORTIE",
            help="dossier à remplir, ou archive à écrire (son nom finit par .tgz)",
        )
        parser.add_argument(
            "--authority",
            default=default.authority,
            metavar="CODE",
            help=f"autorité qui livre (connues : {', '.join(known_authorities())} ; "
            f"préréglage : {default.authority}) ; AGRICOLE donne des lycées agricoles",
        )
        parser.add_argument(
            "--degree",
            type=int,
            choices=(1, 2),
            default=2,
            help="1 : écoles maternelles et élémentaires ; 2 : collèges et lycées (préréglage)",
        )
        parser.add_argument(
            "--schools",
            type=int,
            default=default.schools,
            metavar="N",
            help=f"nombre d'établissements (préréglage : {default.schools})",
        )
        parser.add_argument(
            "--pupils-per-school",
            type=int,
            metavar="N",
            help=f"élèves par établissement (préréglage : {default.pupils_per_school}, "
            "ou 900 avec --persons)",
        )
        parser.add_argument(
            "--persons",
            type=int,
            metavar="N",
            help="nombre approché de personnes en tout ; fixe le nombre d'établissements",
        )
        parser.add_argument(
            "--seed", type=int, default=default.seed, metavar="N", help="graine du hasard"
        )
        parser.add_argument(
            "--date",
            type=date.fromisoformat,
            default=default.date,
            metavar="AAAA-MM-JJ",
            help=f"date de la livraison (préréglage : {default.date})",
        )
        parser.add_argument(
            "--encoding",
            choices=[encoding.value for encoding in Encoding],
            default=default.encoding.value,
            help="écriture des caractères ; « references » écrit &#233; pour é",
        )
        parser.add_argument(
            "--layout",
            choices=[layout.value for layout in Layout],
            default=default.layout.value,
            help="version du format",
        )
        parser.add_argument(
            "--project",
            metavar="NOM",
            help=f"début du nom des fichiers (préréglage : {_PROJECTS[2]}, {_PROJECTS[1]})",
        )
        parser.add_argument(
            "--chunk",
            type=int,
            default=default.chunk_size,
            metavar="N",
            help=f"objets par fichier (préréglage : {default.chunk_size})",
        )
        parser.add_argument(
            "--other-structures",
            type=int,
            default=default.other_structures,
            metavar="N",
            help="structures citées sans classes (rectorat, inspections…)",
        )
        parser.add_argument(
            "--without-nomenclatures",
            action="store_true",
            help="ne pas écrire les fichiers des formations et des matières",
        )
        parser.add_argument(
            "--mutate",
            type=float,
            default=0.0,
            metavar="PART",
            help="livraison suivante : part des fiches qui changent, partent, arrivent ou "
            "changent d'établissement (0.01 : 1 %%)",
        )
        parser.add_argument(
            "--archive",
            action="store_true",
            help="écrire une archive .tgz au lieu d'un dossier",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Generate and say what was written."""
        spec = _spec(options)
        output: Path = options["output"]
        if options["archive"] and output.suffix not in {".tgz", ".gz"}:
            output = output.with_name(output.name + ".tgz")
        started = time.monotonic()
        write = generate_first_degree if options["degree"] == 1 else generate
        truth = write(spec, output)
        self._report(truth, output, time.monotonic() - started)

    def _report(self, truth: DeliveryTruth, output: Path, seconds: float) -> None:
        rate = truth.persons / max(seconds, 0.001)
        plural = "s" if len(truth.schools) > 1 else ""
        schools = f"{len(truth.schools)} établissement{plural}"
        parents = (
            f"{truth.parents} responsables : {truth.parents_with_account} auront un compte, "
            f"{truth.contacts} restent des contacts"
        )
        lines = [
            f"{truth.persons} personnes écrites dans {output} en {seconds:.1f} s ({rate:.0f} /s) :",
            f"  {schools}, {truth.classes} classes, {truth.groups} groupes",
            f"  {truth.pupils} élèves, dont {truth.pupils_without_responsible} sans responsable",
            f"  {parents}",
            f"  {truth.staff} personnels, dont {truth.two_school_staff} dans deux établissements",
        ]
        if truth.records_changed or truth.records_departed:
            lines.append(
                f"  par rapport à la livraison de départ : {truth.records_changed} fiches "
                f"changées, {truth.pupils_moved} élèves changés d'établissement, "
                f"{truth.records_departed} départs, {truth.records_arrived} arrivées"
            )
        self.stdout.write("\n".join(lines))


def _spec(options: dict[str, Any]) -> GeneratorSpec:
    if options["schools"] < 1 or options["chunk"] < 1:
        raise CommandError("--schools et --chunk veulent un nombre d'au moins 1.")
    if not 0 <= options["mutate"] <= 1:
        raise CommandError("--mutate veut une part entre 0 et 1.")
    if options["degree"] == 1 and options["mutate"]:
        raise CommandError("--mutate n'est pas encore écrit pour le premier degré.")
    pupils = options["pupils_per_school"]
    spec = GeneratorSpec(
        seed=options["seed"],
        authority=options["authority"],
        schools=options["schools"],
        pupils_per_school=pupils or GeneratorSpec().pupils_per_school,
        date=options["date"],
        layout=Layout(options["layout"]),
        encoding=Encoding(options["encoding"]),
        project=options["project"] or _PROJECTS[options["degree"]],
        degree=f"{options['degree']}D",
        chunk_size=options["chunk"],
        other_structures=options["other_structures"],
        nomenclatures=not options["without_nomenclatures"],
        mutate=options["mutate"],
    )
    if options["persons"]:
        sized = GeneratorSpec.of_persons(options["persons"], pupils_per_school=pupils or 900)
        spec = replace(spec, schools=sized.schools, pupils_per_school=sized.pupils_per_school)
    return spec
