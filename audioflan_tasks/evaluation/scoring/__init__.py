"""Scores of a task: normalised, with intervals, and means over tasks."""
