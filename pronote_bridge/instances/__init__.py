"""Instances: the Pronote of one school, or the one that a group of schools shares."""
