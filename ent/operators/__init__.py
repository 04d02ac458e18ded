"""The operators' desk: Django's admin behind a second factor, never needed by schools."""
