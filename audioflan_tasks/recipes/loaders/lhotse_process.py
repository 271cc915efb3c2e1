"""Runs a recipe of lhotse in a process of its own: NAME and a JSON object of arguments."""

from __future__ import annotations

import json
import sys
from importlib import import_module


def main() -> None:
    """Has the recipe write its manifests."""
    name, arguments = sys.argv[1:]
    recipe = import_module(f"lhotse.recipes.{name}")
    getattr(recipe, f"prepare_{name}")(**json.loads(arguments))


# Recipes that start processes import this module again in each of them.
if __name__ == "__main__":
    main()
