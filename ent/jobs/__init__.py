"""Background work, its rows and its progress."""
