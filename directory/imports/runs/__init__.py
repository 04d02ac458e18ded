"""One import, from its files to its report: staged, compared, guarded, applied, reported.

The command line and the background job both call :func:`run_import`; they differ in how they show
the progress. Nothing is written to the directory outside the one transaction of ``writing.py``.
"""

from directory.imports.runs.sequence import run_import
from directory.imports.runs.state import ImportOutcome, ImportRun

__all__ = ["ImportOutcome", "ImportRun", "run_import"]
