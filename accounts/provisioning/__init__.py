"""Accounts for the people that an import brings: logins, states, sealed activation codes.

Registered with :mod:`directory.imports.extension` when the room is ready.
"""
