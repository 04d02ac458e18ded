"""Rules that hold for every address, whoever wrote it."""
