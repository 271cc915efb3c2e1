"""Lists the packages; everything else is in pyproject.toml.

A static list would silently leave a new subpackage out of the wheel.
"""

from setuptools import find_packages, setup

packages = ["audioflan_tasks"]
packages += [
    f"audioflan_tasks.{name}"
    for name in find_packages("audioflan_tasks")
    if name.split(".")[0] not in ("metrics", "mixtures", "preprocessors")
]
for folder in ("metrics", "mixtures", "preprocessors"):
    prefix = f"audioflan_tasks.{folder}"
    packages += [prefix, *(f"{prefix}.{name}" for name in find_packages(folder))]

setup(packages=packages)
