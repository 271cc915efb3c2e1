"""What a mixture is: its tree of tasks, weights, schedules and files."""
