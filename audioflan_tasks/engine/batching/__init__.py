"""Batches of a stream: collated, bucketed, packed, sharded, prefetched."""
