"""Keys by role, sealed boxes, keyed hashes."""
