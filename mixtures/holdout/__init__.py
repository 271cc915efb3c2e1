"""Tasks that are held out together, and the splits made of them."""
