"""« Gestion portail > Services tiers »: one module per tab."""
