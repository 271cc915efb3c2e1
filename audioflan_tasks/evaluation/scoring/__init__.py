"""Scores of one task: normalised, with intervals, and averaged over tasks."""
