"""Public pages, the connected page, and what they load."""
