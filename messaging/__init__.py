"""The mailbox of the ENT."""
