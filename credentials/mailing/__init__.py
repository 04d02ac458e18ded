"""Sending mailings: rows are claimed, written, handed to the mail server, and settled."""
