"""Settings of all tests."""

from __future__ import annotations

from hypothesis import settings

# The same examples in every run: a failure of CI can be made again, and none comes by chance.
settings.register_profile("project", derandomize=True)
settings.load_profile("project")
