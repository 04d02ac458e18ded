"""Forms of the credentials: files, selections, slips."""
