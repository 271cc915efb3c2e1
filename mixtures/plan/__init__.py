"""The plan: which task and row stands at which step."""
