"""Services that are not ours, for the demonstration: a tiny CAS client in a process of its own."""
