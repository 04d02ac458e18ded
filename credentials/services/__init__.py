"""Acts on credentials: codes, and the files that print them."""
