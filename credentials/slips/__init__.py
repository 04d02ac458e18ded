"""Credentials on paper: slips for the form teacher, letters for the parents."""
