"""« Bloquer » and « Rétablir »: an account closed by hand, with a reason and an end."""
