"""Pages of the credentials: files, slips, letters, mailings, lost passwords."""
