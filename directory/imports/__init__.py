"""Feeds into the directory: deliveries, their preview, guard, application and report."""
