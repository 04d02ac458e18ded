"""A process that makes credential files: `… -m bench.files_worker PROCESSES RANK`.

It says « ready », waits for « go », makes its share, and says how many rows that were and how many
seconds it took.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from credentials.choice.managed_accounts import Selection
    from credentials.files.rows import FileCounts

_SCHOOLS = 20


def main() -> None:
    """Make the CSV of one in so many of the first schools, as the worker does."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.demo")
    import django

    django.setup()
    from credentials.files.rows import FileCounts

    processes, rank = map(int, sys.argv[1:])
    selections = _selections()[rank::processes]
    tally = FileCounts()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    began = time.perf_counter()
    for selection in selections:
        _make(selection, tally)
    sys.stdout.write(f"{tally.accounts} {time.perf_counter() - began}\n")


def _selections() -> list[Selection]:
    from credentials.choice.managed_accounts import Selection
    from directory.models import School

    schools = School.objects.active().select_related("authority").order_by("uai")
    return [
        Selection(
            school_id=school.pk,
            authority_id=school.authority_id,
            authority_code=school.authority.code,
            uai=school.uai,
        )
        for school in schools[:_SCHOOLS]
    ]


def _make(selection: Selection, tally: FileCounts) -> None:
    """Rows with classes, children and join key, encrypted into PostgreSQL; no XLSX twin."""
    from django.db import transaction
    from django.utils import timezone

    from credentials.enums import Purpose
    from credentials.files.rows import HEADER, read_rows
    from ent.files.writing import create_file
    from ent.tabular.delimited import CONTENT_TYPE, DelimitedWriter

    with (
        transaction.atomic(),
        create_file(
            name="banc.csv",
            media_type=CONTENT_TYPE,
            purpose=Purpose.CREDENTIALS.value,
            school_uai=selection.uai,
        ) as out,
    ):
        writer = DelimitedWriter(out.write, header=HEADER)
        for block in read_rows(selection, now=timezone.now(), tally=tally):
            writer.write_rows(block)
        writer.close()


if __name__ == "__main__":
    main()
