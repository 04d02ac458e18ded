"""Accounts for the people that an import brings: logins, states, sealed activation codes.

Registered with :mod:`directory.imports.contributors` when the room is ready.
"""
