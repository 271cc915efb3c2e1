"""What a mixture does, as numbers, pages and findings."""
