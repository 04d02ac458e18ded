"""What changes accounts: signing in and out, passwords, terms, blocking."""
