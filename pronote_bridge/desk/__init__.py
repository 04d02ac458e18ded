"""The page of an instance, which brings its parts together, and the administrator's guide."""
