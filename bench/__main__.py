"""``python -m bench``: measure, print the table, and with ``--record`` keep it in the docs."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench import stage
from bench.lines import Line, table

_DOCUMENT = stage.ROOT / "docs" / "performance.md"
_PARTS = (
    *("import", "search", "sign-in", "otp", "files", "slips", "handshake", "mailing", "pronote"),
)


def main() -> int:
    """Exit with 1 when a goal is missed, so that a script can tell."""
    options = _options()
    with stage.alone():
        stage.prepare_database()
        try:
            lines = _measure(options.size, options.only)
        finally:
            stage.stop_database()
    text = table(lines)
    sys.stdout.write(f"\n{_machine()}\n{options.size:,} persons asked for\n\n{text}\n")
    if options.record:
        _record(options.size, text)
    return 0 if all(line.holds for line in lines) else 1


def _options() -> argparse.Namespace:
    size = os.environ.get("SIZE") or os.environ.get("ROWS") or "200000"
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Mesure, en rapports à des planchers de la même passe."
    )
    parser.add_argument("--size", type=int, default=int(size), help="personnes (SIZE=…)")
    parser.add_argument(
        "--only",
        choices=_PARTS,
        help="l'import, puis cette partie seulement (search : sans import, rempli par SQL)",
    )
    parser.add_argument("--record", action="store_true", help="écrire dans docs/performance.md")
    return parser.parse_args()


def _measure(size: int, only: str | None) -> list[Line]:
    from bench.handshake import measure_handshake

    if only == "search":
        from bench.directory_search import fill

        sys.stdout.write(f"Filling {size:,} persons by SQL…\n")
        sys.stdout.flush()
        fill(size)
        from bench.searches import measure_search

        return _shown(measure_search())
    if only == "handshake":
        return _shown(measure_handshake())
    if only == "otp":
        from bench.otp_sign_ins import measure_otp_sign_in

        return _shown(measure_otp_sign_in())
    if only == "mailing":
        from bench.mailing import measure_mailing

        return _shown(measure_mailing())
    if only == "pronote":
        from bench.pronote import measure_pronote

        return _shown(measure_pronote(size))
    sys.stdout.write(f"Writing three deliveries of {size:,} persons…\n")
    sys.stdout.flush()
    deliveries = stage.write_deliveries(size)
    sys.stdout.write(f"{deliveries.truth.persons:,} persons written. Importing…\n")
    sys.stdout.flush()
    from bench.credential_files import measure_files
    from bench.imports import measure_imports
    from bench.mailing import measure_mailing
    from bench.otp_sign_ins import measure_otp_sign_in
    from bench.pronote import measure_pronote
    from bench.searches import measure_search
    from bench.sign_ins import measure_sign_in
    from bench.slips import measure_slips

    lines = _shown(measure_imports(deliveries))
    for name, measure in (
        ("search", measure_search),
        ("sign-in", measure_sign_in),
        ("otp", measure_otp_sign_in),
        ("files", measure_files),
        ("handshake", measure_handshake),
        ("slips", measure_slips),
        ("mailing", measure_mailing),
        ("pronote", partial(measure_pronote, size)),
    ):
        if only in (None, name):
            sys.stdout.write(f"Measuring: {name}…\n")
            sys.stdout.flush()
            lines += _shown(measure())
    return lines


def _shown(lines: list[Line]) -> list[Line]:
    """Print what is known already: a later part may fail."""
    sys.stdout.write(table(lines) + "\n")
    sys.stdout.flush()
    return lines


def _machine() -> str:
    cpu = "unknown processor"
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    revision = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=stage.ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return (
        f"{datetime.now(tz=UTC):%Y-%m-%d %H:%M} UTC, {cpu}, {os.cpu_count()} cores, "
        f"{memory:.0f} GiB, Python {platform.python_version()}, {_postgres()}, "
        f"load {load:.1f} at the end, revision {revision}"
    )


def _postgres() -> str:
    from ent.embedded.cluster import POSTGRES_MAJOR

    return f"PostgreSQL {POSTGRES_MAJOR} (embedded)"


def _record(size: int, text: str) -> None:
    """Replace the block of this size; the rest of the document is written by hand."""
    start, end = f"<!-- bench {size} -->", f"<!-- /bench {size} -->"
    block = f"{start}\n{_machine()}\n\n{text}\n{end}"
    document = _DOCUMENT.read_text(encoding="utf-8") if _DOCUMENT.exists() else ""
    if start in document:
        before, rest = document.split(start, 1)
        document = before + block + rest.split(end, 1)[1]
    else:
        document = f"{document.rstrip()}\n\n## {size:,} persons\n\n{block}\n"
    _DOCUMENT.write_text(document.lstrip(), encoding="utf-8")
    sys.stdout.write(f"Recorded in {_DOCUMENT.relative_to(stage.ROOT)}.\n")


if __name__ == "__main__":
    sys.exit(main())
