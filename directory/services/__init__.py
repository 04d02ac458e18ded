"""Writes of the directory: each a verb, one transaction, one event of the journal."""
