"""Texts that schools write: typed as Markdown, kept as HTML of a short list of elements."""
