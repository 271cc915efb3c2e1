"""Building a store: one unit of work a partition, resumable."""
