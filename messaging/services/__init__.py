"""What the mailbox does."""
