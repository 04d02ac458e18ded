"""Pages of « Site de l’établissement »."""
