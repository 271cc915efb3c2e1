"""The stream as the data classes of torch and of Grain."""
