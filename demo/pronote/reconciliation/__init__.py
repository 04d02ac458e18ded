"""From the ENT's encrypted file to identifiers in the base."""
