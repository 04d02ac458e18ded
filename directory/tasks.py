"""What the worker does for the directory."""

from directory.imports.tasks import IMPORT_AAF, import_aaf

__all__ = ["IMPORT_AAF", "import_aaf"]
