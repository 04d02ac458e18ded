"""The address for machines: the same file, for Pronote’s own or a partner’s automation."""
