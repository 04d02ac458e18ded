"""The CAS server: services, tickets, validation, sign-out."""
