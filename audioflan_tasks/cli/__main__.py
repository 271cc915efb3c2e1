"""`python -m audioflan_tasks.cli` is the same as `audioflan`."""

from audioflan_tasks.cli import main

main()
