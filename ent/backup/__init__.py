"""Copies of the portal that can be trusted: the database, its keys, and what came after them."""
