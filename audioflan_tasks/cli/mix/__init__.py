"""`audioflan mix`: one module for each of its commands."""
