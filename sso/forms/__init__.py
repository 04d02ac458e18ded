"""Forms of « Services tiers »."""
