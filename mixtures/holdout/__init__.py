"""Tasks that are held out together, and splits by them."""
