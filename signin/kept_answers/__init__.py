"""What a refused form was answered: kept under an address of its own (decision 0134)."""
