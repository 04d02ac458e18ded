"""The addresses of the CAS protocol, under `/cas/`."""
