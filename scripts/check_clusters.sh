#!/usr/bin/env bash
# Sets up an environment with the extras `dask` and `ray` and runs the tests of runners in it.
# Usage: scripts/check_clusters.sh [VENV]   (default .venv-clusters)
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv-clusters}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install -q --no-compile -c constraints.txt \
  -c scripts/cluster_constraints.txt -e '.[dask,ray]' hypothesis
exec "$venv/bin/python" -m pytest -q -rs tests/runners
