"""The private PostgreSQL of the demonstration and of the tests.

A Django database backend (`ENGINE = "ent.embedded"`) that starts a server of its own, from the
binaries of a wheel, the first time a connection is asked for. Production settings refuse it.
"""
