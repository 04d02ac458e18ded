"""Exports: the report before, the file made by a worker, the history."""
