"""Who comes in, by which way, and to which space."""
