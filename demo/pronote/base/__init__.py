"""The base of one school: whom it holds, and how it is kept."""
