"""« Gestion portail > Site de l’établissement »: the pages that a school's own people keep."""
