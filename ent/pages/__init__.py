"""What every page is made of: frame, components, icons, colours and the form renderer."""
