"""Public pages, connected pages and tiles."""
