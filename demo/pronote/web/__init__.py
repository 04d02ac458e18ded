"""The pages: a small server, its routes and its views."""
