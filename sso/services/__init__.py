"""Writes of « Services tiers »: each is one transaction and one line in the journal."""
