"""Pages of signing in, of forced steps and of one's own account."""
