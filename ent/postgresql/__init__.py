"""Django's PostgreSQL backend, less one round trip for each request."""
