"""Credential files, letters, mailings and forgotten passwords."""
