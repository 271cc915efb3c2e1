"""Reading a store: its files are mapped, or slices of them read."""
