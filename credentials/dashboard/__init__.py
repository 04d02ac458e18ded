"""« Activation des comptes »: how many have come in, where, and since when."""
