"""The vendor: one partner identity and one public key for the whole portal."""
