"""Who signs in: accounts, doors, passwords, activation codes and sessions."""
