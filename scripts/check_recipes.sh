#!/usr/bin/env bash
# Sets up an environment with the extra `recipes` and compares our readers of corpora with those
# of lhotse, mirdata, soundata and TFDS in it. lhotse brings torch: a package index of builds for
# CPUs (PIP_EXTRA_INDEX_URL) saves some gigabytes.
# Usage: scripts/check_recipes.sh [VENV]   (default .venv-recipes)
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv-recipes}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install -q --no-compile -c constraints.txt \
  -c scripts/recipe_constraints.txt -e '.[recipes]' hypothesis
exec "$venv/bin/python" -m pytest -q -rs tests/recipes/loaders
