"""The keys of the demonstration, as objects: each keeps its seed and its own time.

A process of its own that imports nothing of the product, as a key of plastic would not: what it
shows is computed here, and the guichet knows the seeds by the import of the maker's file alone.
"""
