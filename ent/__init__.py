"""The kernel of Préau: settings, jobs, journal, keys, files; it knows no room above it."""
