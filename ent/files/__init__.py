"""Encrypted files in PostgreSQL, with an expiry."""
