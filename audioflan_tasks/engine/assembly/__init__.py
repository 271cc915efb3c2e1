"""Examples of many rows at once, put together from the ids and codes of a store."""
