"""Reconciliation with Pronote."""
